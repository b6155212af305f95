import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { differencesOf } from "./__fixtures__/differences.js";
import { bootstrapDifference } from "./bootstrap-difference.js";

const ternary = differencesOf(60, 40, 100);
const partial = ternary.map((value, row) => (value * (row % 4)) / 3);

test("as the paper does it unless told otherwise, and says so", () => {
  expect(bootstrapDifference(ternary)).toMatchObject({
    difference: 0.1,
    confidence: 0.95,
    method: "percentile",
    resampling: "multinomial",
    resamples: 10_000,
    seed: 0,
  });
  expect(bootstrapDifference(partial, { resamples: 10 }).resampling).toBe("rows");
  expect(bootstrapDifference(ternary, { resampling: "exact" })).toMatchObject({ resamples: null, seed: null });
});

test("the same seed gives the same interval, another seed another", () => {
  for (const resampling of ["rows", "multinomial"] as const) {
    const run = (seed: string | number) => bootstrapDifference(ternary, { resampling, seed, resamples: 500 });
    expect(run(1)).toEqual({ ...run("1"), seed: 1 });
    expect(run(1).lower === run(2).lower && run(1).upper === run(2).upper).toBe(false);
  }
});

// Two rows, +1 and 0: the sum of a resample is 0, 1 or 2 with probabilities ¼, ½, ¼.
test("exact quantiles of the smallest case", () => {
  const bounds = (confidence: number): number[] => {
    const { lower, upper } = bootstrapDifference([1, 0], { resampling: "exact", confidence });
    return [lower, upper];
  };
  expect(bounds(0.95)).toEqual([0, 1]);
  expect(bounds(0.4)).toEqual([0.5, 0.5]);
  // The tail is exactly ¼: the quantile is the first value reached by it.
  expect(bounds(0.5)).toEqual([0, 0.5]);
});

test("rows, multinomial and exact agree, for percentile and BCa", () => {
  for (const method of ["percentile", "bca"] as const) {
    const exact = bootstrapDifference(ternary, { method, resampling: "exact" });
    for (const resampling of ["rows", "multinomial"] as const) {
      const drawn = bootstrapDifference(ternary, { method, resampling, resamples: 100_000, seed: 5 });
      // Two steps of the lattice of 1/200.
      expect(Math.abs(drawn.lower - exact.lower)).toBeLessThanOrEqual(0.01 + 1e-12);
      expect(Math.abs(drawn.upper - exact.upper)).toBeLessThanOrEqual(0.01 + 1e-12);
    }
  }
});

test("partial credit: near difference ± z·standard error where the sample is large and symmetric", () => {
  const values = Array.from({ length: 2000 }, (_, row) => (row % 5) / 4 - 0.5);
  const { difference, lower, upper } = bootstrapDifference(values, { seed: 1, resamples: 4000 });
  const standardError = Math.sqrt(0.125 / 2000);
  expect(difference).toBeCloseTo(0, 14);
  expect(lower).toBeCloseTo(-1.96 * standardError, 3);
  expect(upper).toBeCloseTo(1.96 * standardError, 3);
});

test("BCa moves both bounds towards the long tail", () => {
  const skewed = Array.from({ length: 50 }, (_, row) => (row < 45 ? 0 : 1));
  const percentile = bootstrapDifference(skewed, { resampling: "exact" });
  const bca = bootstrapDifference(skewed, { resampling: "exact", method: "bca" });
  expect(bca.lower).toBeGreaterThan(percentile.lower);
  expect(bca.upper).toBeGreaterThan(percentile.upper);
});

test.each([[[0, 0, 0]], [[1, 1]], [[0.3, 0.3, 0.3]]])(
  "%j: nothing varies, so both bounds are the value",
  (differences) => {
    for (const method of ["percentile", "bca"] as const) {
      const { lower, upper } = bootstrapDifference(differences, { method, resamples: 100 });
      expect(lower).toBeCloseTo(differences[0]!, 14);
      expect(upper).toBeCloseTo(differences[0]!, 14);
    }
  },
);

test("what cannot be resampled is refused", () => {
  expect(() => bootstrapDifference([])).toThrow(new UsageError("differences is empty: there is nothing to compare"));
  expect(() => bootstrapDifference([0, Number.NaN])).toThrow(
    new UsageError("differences[1] must be a finite number, not NaN"),
  );
  expect(() => bootstrapDifference(partial, { resampling: "exact" })).toThrow(
    new UsageError('resampling "exact" needs differences of −1, 0 and +1 only; use "rows"'),
  );
  expect(() => bootstrapDifference([1], { resamples: 0 })).toThrow(UsageError);
  expect(() => bootstrapDifference([1], { method: "BCa" as "bca" })).toThrow(UsageError);
  expect(() => bootstrapDifference([1], { confidence: 95 })).toThrow(UsageError);
});
