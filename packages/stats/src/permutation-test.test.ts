import { UsageError } from "@pka/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { differencesOf } from "./__fixtures__/differences.js";
import { clusterPermutationTest } from "./cluster-permutation-test.js";
import { mcnemar } from "./mcnemar.js";
import { permutationTest } from "./permutation-test.js";

/** The definition: every assignment of signs. */
function byEnumeration(values: readonly number[]): number {
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0));
  let hits = 0;
  for (let mask = 0; mask < 2 ** values.length; mask++) {
    const sum = values.reduce((total, value, i) => total + ((mask >> i) & 1 ? value : -value), 0);
    if (Math.abs(sum) >= observed - 1e-9) hits++;
  }
  return hits / 2 ** values.length;
}

test("whole numbers: exactly the share of sign assignments at least as far out", () => {
  const values = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 11 });
  fc.assert(
    fc.property(values, (differences) => {
      const { pValue, method } = permutationTest(differences);
      expect(method).toBe("exact");
      expect(pValue).toBeCloseTo(byEnumeration(differences), 13);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("differences of −1, 0 and +1: McNemar's exact test, also far out in the tail", () => {
  for (const [plus, minus] of [[3, 10], [40, 40], [0, 30], [900, 30], [2000, 2150]] as const) {
    const { pValue } = permutationTest(differencesOf(plus, minus, 25));
    const exact = mcnemar({ firstOnly: plus, secondOnly: minus }, { method: "exact" }).pValue!;
    expect(Math.abs(pValue / exact - 1)).toBeLessThan(1e-11);
  }
}); // prettier-ignore

test("Monte Carlo comes near the exact p-value, for partial credit too, and is never 0", () => {
  const differences = [0.5, 1, -0.25, 1, 0.75, -0.5, 1, 0.25, 0.1, 0.3, -0.1, 0.2];
  const { pValue, method, resamples } = permutationTest(differences, { resamples: 40_000, seed: 3 });
  expect({ method, resamples }).toEqual({ method: "monte-carlo", resamples: 40_000 });
  const exact = byEnumeration(differences);
  // Five standard errors of 40,000 draws.
  expect(Math.abs(pValue - exact)).toBeLessThan(5 * Math.sqrt((exact * (1 - exact)) / 40_000));
  const certain = Array<number>(40).fill(0.5);
  expect(permutationTest(certain, { resamples: 99, method: "monte-carlo" }).pValue).toBe(0.01);
});

test("ties of fractions count, whatever their rounding", () => {
  // Every assignment has |sum| = 0.1, on paper; 0.3 − 0.2 and 0.1 differ in the last digit.
  expect(permutationTest([0.3 - 0.2, 0], { resamples: 200 }).pValue).toBe(1);
});

test("more than 32 pairs: every pair's sign is drawn on its own", () => {
  const differences = differencesOf(60, 40, 0).map((value) => value / 2);
  const exact = mcnemar({ firstOnly: 60, secondOnly: 40 }, { method: "exact" }).pValue!;
  const { pValue } = permutationTest(differences, { resamples: 40_000 });
  expect(Math.abs(pValue - exact)).toBeLessThan(5 * Math.sqrt((exact * (1 - exact)) / 40_000));
});

test("by cluster: the sums of the clusters flip as one", () => {
  const differences = [1, 1, 1, -1, 0, 1, 1, 0, -1, 1];
  const clusters = ["a", "a", "a", "b", "b", "c", "d", "d", "e", "e"];
  expect(clusterPermutationTest(differences, clusters)).toEqual({
    difference: 0.4,
    pValue: expect.closeTo(byEnumeration([3, -1, 1, 1, 0]), 14),
    method: "exact",
    resamples: null,
    seed: null,
    clusters: 5,
  });
});

test("one row per cluster: the test without clusters", () => {
  const differences = differencesOf(30, 18, 12);
  const { clusters, ...result } = clusterPermutationTest(differences, [...differences.keys()]);
  expect(clusters).toBe(60);
  expect(result).toEqual(permutationTest(differences));
});

test("what cannot be tested is refused; nothing different is p = 1", () => {
  expect(permutationTest([0, 0]).pValue).toBe(1);
  expect(() => permutationTest([])).toThrow(UsageError);
  expect(() => permutationTest([0.5], { method: "exact" })).toThrow(
    new UsageError('method "exact" needs whole differences, such as −1, 0 and +1; use "auto"'),
  );
  const varied = Array.from({ length: 5000 }, (_, row) => row * row);
  expect(permutationTest(varied, { resamples: 10 }).method).toBe("monte-carlo");
  expect(() => permutationTest(varied, { method: "exact" })).toThrow(UsageError);
  expect(() => clusterPermutationTest([1, 0], ["a"])).toThrow(
    new UsageError("differences and clusters must be as long as each other, not 2 and 1"),
  );
});
