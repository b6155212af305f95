import { expect, test } from "vitest";
import { sparkline } from "./demo-progress.js";

test.each([
  { name: "least to greatest", values: [0, 1, 2, 3, 4, 5, 6, 7], width: 8, line: "▁▂▃▄▅▆▇█" },
  { name: "means of neighbours", values: [0, 0, 7, 7], width: 2, line: "▁█" },
  { name: "all equal", values: [3, 3, 3], width: 20, line: "▁▁▁" },
])("sparkline: $name", ({ values, width, line }) => {
  expect(sparkline(values, width)).toBe(line);
});
