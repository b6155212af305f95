import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { cohenKappa } from "./cohen-kappa.js";

/** Two raters' labels with these counts: table[i][j] items that the first calls i and the second j. */
function raters(table: readonly (readonly number[])[]): [first: number[], second: number[]] {
  const items = table.flatMap((row, i) => row.flatMap((count, j) => Array.from({ length: count }, () => [i, j])));
  return [items.map((item) => item[0]!), items.map((item) => item[1]!)];
}

// Stata's case-control example, printed to four digits by R's inferr; and the diagnoses of 100 subjects in Fleiss, Levin & Paik (2003), chapter 18.
test.each([
  { table: [[172, 7], [6, 15]], kappa: 0.6613, standardError: 0.0873, lower: 0.4901, upper: 0.8324, digits: 4 },
  { table: [[75, 1, 4], [5, 4, 1], [0, 0, 10]], kappa: 0.676, standardError: 0.088, lower: 0.504, upper: 0.848, digits: 3 },
])("$table", ({ table, kappa, standardError, lower, upper, digits }) => {
  const result = cohenKappa(...raters(table));
  const unit = 10 ** -digits;
  expect(Math.abs(result.kappa! - kappa)).toBeLessThanOrEqual(unit);
  expect(Math.abs(result.standardError! - standardError)).toBeLessThanOrEqual(unit);
  expect(Math.abs(result.interval!.lower - lower)).toBeLessThanOrEqual(unit);
  expect(Math.abs(result.interval!.upper - upper)).toBeLessThanOrEqual(unit);
}); // prettier-ignore

test("full agreement is 1 without doubt, full disagreement of even halves is −1", () => {
  const [yes, no] = [true, false];
  expect(cohenKappa([yes, no, yes], [yes, no, yes])).toMatchObject({ kappa: 1, interval: { lower: 1, upper: 1 } });
  expect(cohenKappa([yes, no], [no, yes]).kappa).toBe(-1);
});

test("one label only: agreement is full, but kappa says nothing", () => {
  expect(cohenKappa(["a", "a"], ["a", "a"])).toEqual({
    kappa: null,
    standardError: null,
    interval: null,
    observedAgreement: 1,
    expectedAgreement: 1,
  });
});

test("nothing to rate, and lists of different lengths, are refused", () => {
  expect(() => cohenKappa([], [])).toThrow(UsageError);
  expect(() => cohenKappa([1], [])).toThrow(UsageError);
  expect(() => cohenKappa([1], [1], 95)).toThrow(UsageError);
});
