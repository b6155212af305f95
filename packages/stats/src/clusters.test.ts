import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { differencesOf } from "./__fixtures__/differences.js";
import { bootstrapDifference } from "./bootstrap-difference.js";
import { clusterBootstrapDifference } from "./cluster-bootstrap-difference.js";
import { clusterComparison } from "./cluster-comparison.js";
import { clusterMcnemar } from "./cluster-mcnemar.js";
import { clusterMeanDifference } from "./cluster-mean-difference.js";

const differences = [1, 1, 0, -1, 0];
const clusters = ["a", "a", "b", "b", "c"];

// By hand: mean 0.2; sums 2, −1, 0 less 2, 2, 1 times the mean are 1.6, −1.4, −0.2, squares 4.56 in all; √(4.56·3/2)/5.
test("cluster-robust mean: by hand", () => {
  const result = clusterMeanDifference(differences, clusters);
  expect(result).toMatchObject({ difference: 0.2, clusters: 3, confidence: 0.95 });
  expect(result.standardError).toBeCloseTo(Math.sqrt(6.84) / 5, 14);
  expect(result.upper - result.lower).toBeCloseTo((2 * 1.959963984540054 * Math.sqrt(6.84)) / 5, 14);
});

test("clustered McNemar: by hand, (2 − 1)² / (4 + 1)", () => {
  expect(clusterMcnemar(differences, clusters)).toEqual({
    statistic: 0.2,
    pValue: expect.closeTo(0.654720846018577, 13),
    clusters: 3,
  });
  expect(clusterMcnemar([1, -1], ["a", "a"])).toEqual({ statistic: null, pValue: null, clusters: 1 });
});

test("a comparison by cluster: exact below 25 clusters that differ, χ² from there, none where no cluster repeats", () => {
  const twice = (values: readonly number[]) => values.flatMap((value) => [value, value]);
  const ids = (count: number) => twice([...Array(count).keys()]);
  // Three clusters of the same sign: 2 of 8 ways to give them signs.
  const small = clusterComparison(twice([1, 1, 1, 0]), ids(4));
  expect(small).toMatchObject({ method: "permutation", pValue: expect.closeTo(0.25, 12), clusters: 4 });
  // 24 and one: (2·23)² / (4·25) = 21.16 with 25 clusters that differ.
  const large = clusterComparison(twice([...Array<number>(24).fill(1), -1]), ids(25));
  expect(large).toMatchObject({ method: "mcnemar", clusters: 25 });
  expect(large!.pValue).toBeCloseTo(4.224e-6, 8);
  expect(clusterComparison([1, 1], ["a", "a"])).toMatchObject({ pValue: 1, interval: null });
  expect(clusterComparison([1, -1], ["a", "a"])).toMatchObject({ pValue: null });
  expect(clusterComparison([1, -1], ["a", "b"])).toBeUndefined();
});

test("one row per cluster: mean with n − 1, McNemar without correction, and the same resamples as without clusters", () => {
  const rows = differencesOf(30, 18, 12);
  const own = [...rows.keys()];
  const variance = rows.reduce((sum, value) => sum + (value - 0.2) ** 2, 0) / 59;
  expect(clusterMeanDifference(rows, own).standardError).toBeCloseTo(Math.sqrt(variance / 60), 14);
  expect(clusterMcnemar(rows, own).statistic).toBe(12 ** 2 / 48);
  for (const method of ["percentile", "bca"] as const) {
    const clustered = clusterBootstrapDifference(rows, own, { method, resamples: 300, seed: 8 });
    const plain = bootstrapDifference(rows, { method, resampling: "rows", resamples: 300, seed: 8 });
    expect(clustered.lower).toBeCloseTo(plain.lower, 12);
    expect(clustered.upper).toBeCloseTo(plain.upper, 12);
  }
});

test("asking every question twice gives no narrower interval", () => {
  const once = differencesOf(120, 80, 200);
  const own = [...once.keys()];
  const twice = [...once, ...once];
  const questions = [...own, ...own];
  expect(clusterMeanDifference(twice, questions)).toMatchObject({
    lower: expect.closeTo(clusterMeanDifference(once, own).lower, 12),
  });
  expect(clusterMcnemar(twice, questions).statistic).toBe(clusterMcnemar(once, own).statistic);
  const bounds = (values: readonly number[], ids: readonly number[]): [number, number] => {
    const { lower, upper } = clusterBootstrapDifference(values, ids, { resamples: 500, seed: 1 });
    return [lower, upper];
  };
  expect(bounds(twice, questions)).toEqual(bounds(once, own));
});

test("cluster bootstrap comes near difference ± z·robust standard error, with clusters of unequal size", () => {
  const ids = Array.from({ length: 1200 }, (_, row) => Math.floor(Math.sqrt(row * 3)) * 7 + (row % 7));
  const values = ids.map((id) => (id % 3) - 1);
  const { lower, upper } = clusterMeanDifference(values, ids);
  const drawn = clusterBootstrapDifference(values, ids, { resamples: 4000, seed: 2 });
  expect(drawn.lower).toBeCloseTo(lower, 2);
  expect(drawn.upper).toBeCloseTo(upper, 2);
});

test("a single cluster, lists of different lengths and empty lists are refused", () => {
  const tooFew = new UsageError("clusters: at least 2 are needed to see how much they vary, not 1");
  expect(() => clusterMeanDifference([1, 0], ["a", "a"])).toThrow(tooFew);
  expect(() => clusterBootstrapDifference([1, 0], ["a", "a"])).toThrow(tooFew);
  expect(() => clusterMcnemar([1], [])).toThrow(UsageError);
  expect(() => clusterMcnemar([], [])).toThrow(UsageError);
});
