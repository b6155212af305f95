import { clusterMcnemar } from "./cluster-mcnemar.js";
import { clusterMeanDifference, type ClusterMeanResult } from "./cluster-mean-difference.js";
import { clusterPermutationTest } from "./cluster-permutation-test.js";
import type { RowKey } from "./pair-rows.js";
import type { Seed } from "./random.js";

/** Below so many clusters with a difference, the χ² of {@link clusterMcnemar} cannot be trusted. */
const PERMUTATION_BELOW = 25;

/** Options of `clusterComparison`. */
export interface ClusterComparisonOptions {
  /** Of the interval, two-sided, in (0, 1). Default 0.95. */
  readonly confidence?: number;
  /** Of a permutation test that has to draw. Default 0. */
  readonly seed?: Seed;
}

/** A paired comparison with the question as the unit. */
export interface ClusterComparison {
  /** `permutation` where fewer than 25 clusters differ: exact. */
  readonly method: "mcnemar" | "permutation";
  /** Two-sided; `null` where every cluster is on balance: nothing was tested. */
  readonly pValue: number | null;
  /** Mean difference ± z × its cluster-robust standard error; `null` with one cluster. */
  readonly interval: ClusterMeanResult | null;
  /** Number of clusters. */
  readonly clusters: number;
}

/**
 * Paired rows that repeat a question, with the question as the unit: the test that its numbers allow, and an interval.
 *
 * @param differences - First score − second score of each pair, at least one.
 * @param clusters - Cluster of each pair, such as its question; as long as `differences`.
 * @returns `undefined` where no cluster repeats: the rows are then the units.
 * @throws UsageError for an empty list, lists of different lengths, a value that is not finite, or a confidence out of range.
 */
export function clusterComparison(
  differences: readonly number[],
  clusters: readonly RowKey[],
  { confidence = 0.95, seed = 0 }: ClusterComparisonOptions = {},
): ClusterComparison | undefined {
  const count = new Set(clusters).size;
  if (count === clusters.length) return undefined;
  const numDiffering = new Set(clusters.filter((_, i) => differences[i] !== 0)).size;
  const isSmall = numDiffering < PERMUTATION_BELOW;
  const large = clusterMcnemar(differences, clusters);
  return {
    method: isSmall ? "permutation" : "mcnemar",
    pValue:
      isSmall && large.pValue !== null ? clusterPermutationTest(differences, clusters, { seed }).pValue : large.pValue,
    interval: count > 1 ? clusterMeanDifference(differences, clusters, confidence) : null,
    clusters: count,
  };
}
