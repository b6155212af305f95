import type { RowKey } from "./pair-rows.js";
import { type PermutationOptions, type PermutationResult, signFlipTest } from "./sign-flip.js";
import { clusterUnits } from "./units.js";

/** Sign-flip test over clusters. */
export interface ClusterPermutationResult extends PermutationResult {
  /** Number of clusters. */
  readonly clusters: number;
}

/**
 * Paired permutation test for rows that repeat a question: all rows of a cluster swap their conditions together.
 *
 * Assumes independent clusters; inside one, rows may depend on each other in any way. With one row per cluster it is
 * `permutationTest`. Exact where the sums of the clusters are whole numbers, as they are for right and wrong.
 *
 * @param differences - First score − second score of each pair, at least one.
 * @param clusters - Cluster of each pair, such as its question; as long as `differences`.
 * @throws UsageError for an empty list, lists of different lengths, a value that is not finite, or `"exact"` where that
 * cannot be done.
 * @see Hemerik & Goeman (2018), TEST 27, 811–825: a test over a group of transformations, here sign flips by cluster.
 */
export function clusterPermutationTest(
  differences: readonly number[],
  clusters: readonly RowKey[],
  options: PermutationOptions = {},
): ClusterPermutationResult {
  const { sums, rows } = clusterUnits(differences, clusters);
  const difference = sums.reduce((total, sum) => total + sum, 0) / rows;
  return { difference, ...signFlipTest(sums, options), clusters: sums.length };
}
