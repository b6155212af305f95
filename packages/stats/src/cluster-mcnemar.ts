import { chiSquaredTail } from "./normal-tail.js";
import type { RowKey } from "./pair-rows.js";
import { clusterUnits } from "./units.js";

/** McNemar's test over clusters. */
export interface ClusterMcnemarResult {
  /** (Σ s)² / Σ s² over the clusters' sums s; `null` where every sum is 0. */
  readonly statistic: number | null;
  /** Two-sided, in [0, 1]; `null` where every cluster's sum is 0: nothing was tested. */
  readonly pValue: number | null;
  /** Number of clusters. */
  readonly clusters: number;
}

/**
 * McNemar's test for rows that repeat a question: s is b − c inside one cluster, and the statistic is χ² with one degree
 * of freedom. Without repeated questions it is McNemar's (b − c)²/(b + c), without continuity correction.
 *
 * Assumes independent clusters, some 25 or more of them with a sum other than 0 (with fewer, use
 * `clusterPermutationTest`, which is exact); inside a cluster, rows may depend on each other in any way.
 *
 * @param differences - First score − second score of each pair, at least one: −1, 0 or +1, or partial credit.
 * @param clusters - Cluster of each pair, such as its question; as long as `differences`.
 * @throws UsageError for an empty list, lists of different lengths or a value that is not finite.
 * @see Obuchowski (1998), Statistics in Medicine 17, 1495–1507, in the form that Yang, Sun & Hardin (2010), Biometrical
 * Journal 52, 638–652, give it, but without its factor (clusters − 1)/clusters.
 */
export function clusterMcnemar(differences: readonly number[], clusters: readonly RowKey[]): ClusterMcnemarResult {
  const { sums } = clusterUnits(differences, clusters);
  const squares = sums.reduce((total, sum) => total + sum * sum, 0);
  if (squares === 0) return { statistic: null, pValue: null, clusters: sums.length };
  const statistic = sums.reduce((total, sum) => total + sum, 0) ** 2 / squares;
  return { statistic, pValue: chiSquaredTail(statistic), clusters: sums.length };
}
