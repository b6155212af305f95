import { expect, test } from "vitest";
import { pythonFloat } from "./python-float.js";

// What Python's repr prints.
test.each([
  [1e-5, "1e-05"],
  [2e-5, "2e-05"],
  [0.0001, "0.0001"],
  [88, "88.0"],
  [1e16, "1e+16"],
  [-0, "-0.0"],
  [1.5e-300, "1.5e-300"],
])("%d is %s", (value, expected) => {
  expect(pythonFloat(value)).toBe(expected);
});
