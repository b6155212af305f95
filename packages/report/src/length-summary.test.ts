import { expect, test } from "vitest";
import { lengthSummary } from "./length-summary.js";

const rows = [
  { length: 10, right: true },
  { length: 20, right: true },
  { length: 0, right: false },
  { length: 1000, right: false },
  { length: 40, right: undefined },
];

test("means and medians by verdict; quantiles as numpy's default", () => {
  expect(lengthSummary("characters", rows)).toMatchObject({
    rows: 5,
    mean: 214,
    median: 20,
    p10: 4,
    max: 1000,
    meanRight: 15,
    meanWrong: 500,
    medianRight: 15,
    medianWrong: 500,
    rowsRight: 2,
    rowsWrong: 2,
  });
  expect(lengthSummary("characters", rows)!.p90).toBeCloseTo(616, 9);
});

test("every row with a verdict is in one bin, zero in the first and the longest in the last", () => {
  const { right, wrong, edges } = lengthSummary("characters", rows)!;
  expect(right.reduce((sum, n) => sum + n, 0)).toBe(2);
  expect(wrong[0]).toBe(1);
  expect(wrong.at(-1)).toBe(1);
  expect(edges[0]).toBe(10);
  expect(edges.at(-1)).toBeCloseTo(1000, 9);
});

test("a common range gives common bins", () => {
  const { edges } = lengthSummary("tokens", [{ length: 50, right: true }], { min: 5, max: 500 })!;
  expect([edges[0], edges.at(-1)!.toFixed(6)]).toEqual([5, "500.000000"]);
});

test("no length, no summary", () => {
  expect(lengthSummary("tokens", [])).toBeNull();
});
