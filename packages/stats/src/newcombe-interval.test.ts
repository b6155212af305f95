import { UsageError } from "@pka/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { newcombeIntervalIndependent, newcombeIntervalPaired } from "./newcombe-interval.js";

// Newcombe (1998), Statistics in Medicine 17, 873–890, table II, example (a); the second, four digits, by R's
// contingencytables for the trial of Perondi et al. (2004).
test.each([
  { first: { successes: 56, n: 70 }, second: { successes: 48, n: 80 }, lower: 0.0524, upper: 0.3339 },
  { first: { successes: 7, n: 34 }, second: { successes: 1, n: 34 }, lower: 0.0189, upper: 0.3404 },
])("$first − $second", ({ first, second, lower, upper }) => {
  const interval = newcombeIntervalIndependent(first, second);
  expect(interval.lower).toBeCloseTo(lower, 4);
  expect(interval.upper).toBeCloseTo(upper, 4);
  const reversed = newcombeIntervalIndependent(second, first);
  expect(reversed.lower).toBeCloseTo(-interval.upper, 14);
});

// By R's contingencytables for the trial of Cavo et al. (2012), four digits.
test("paired: 65 against 75 of 161", () => {
  const { lower, upper } = newcombeIntervalPaired({ both: 59, firstOnly: 6, secondOnly: 16, neither: 80 });
  expect(lower).toBeCloseTo(-0.1186, 4);
  expect(upper).toBeCloseTo(-0.0046, 4);
});

test("paired without correlation left over is the independent interval", () => {
  // both·neither − firstOnly·secondOnly = 2, below n/2: the continuity correction makes it 0.
  const paired = newcombeIntervalPaired({ both: 6, firstOnly: 4, secondOnly: 4, neither: 3 });
  const independent = newcombeIntervalIndependent({ successes: 10, n: 17 }, { successes: 10, n: 17 });
  expect(paired).toEqual(independent);
});

test("paired bounds lie in [−1, 1], hold the difference, and mirror", () => {
  const count = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(count, count, count, count, (both, firstOnly, secondOnly, neither) => {
      const n = both + firstOnly + secondOnly + neither;
      fc.pre(n > 0);
      const { lower, upper } = newcombeIntervalPaired({ both, firstOnly, secondOnly, neither });
      const difference = (firstOnly - secondOnly) / n;
      expect(lower).toBeGreaterThanOrEqual(-1 - 1e-15);
      expect(lower).toBeLessThanOrEqual(difference + 1e-15);
      expect(upper).toBeGreaterThanOrEqual(difference - 1e-15);
      expect(upper).toBeLessThanOrEqual(1 + 1e-15);
      const mirrored = newcombeIntervalPaired({ both, firstOnly: secondOnly, secondOnly: firstOnly, neither });
      expect(mirrored.lower).toBeCloseTo(-upper, 12);
    }),
    { seed: 3, numRuns: 500 },
  );
});

test("counts are refused by name", () => {
  expect(() => newcombeIntervalPaired({ both: 0, firstOnly: 0, secondOnly: 0, neither: 0 })).toThrow(UsageError);
  expect(() => newcombeIntervalPaired({ both: -1, firstOnly: 0, secondOnly: 0, neither: 0 })).toThrow(
    new UsageError("both must be a whole number of at least 0, not -1"),
  );
  expect(() => newcombeIntervalIndependent({ successes: 2, n: 1 }, { successes: 0, n: 1 })).toThrow(UsageError);
});
