import { requireInside } from "./check.js";
import { normalQuantile } from "./normal-quantile.js";
import type { RowKey } from "./pair-rows.js";
import { clusterUnits, requireTwo } from "./units.js";
import type { Interval } from "./wilson-interval.js";

/** Mean difference with a standard error that is robust to dependence within clusters. */
export interface ClusterMeanResult extends Interval {
  /** Mean difference over the rows, first − second. */
  readonly difference: number;
  readonly standardError: number;
  readonly confidence: number;
  /** Number of clusters. */
  readonly clusters: number;
}

/**
 * Mean paired difference with a cluster-robust (sandwich) standard error, and difference ± z·standard error.
 *
 * Assumes independent clusters, some 40 or more; inside one, rows may depend on each other in any way. With one row per
 * cluster it is the ordinary standard error of a mean, with n − 1. In general its square is
 * G/(G − 1) · Σ (cluster sum − cluster size · mean)² / n² over G clusters of n rows.
 *
 * @param differences - First score − second score of each pair; partial credit is welcome.
 * @param clusters - Cluster of each pair, such as its question; as long as `differences`, at least two clusters.
 * @param confidence - Two-sided, in (0, 1). Default 0.95.
 * @throws UsageError for an empty list, lists of different lengths, one cluster only, a value that is not finite, or a
 * confidence out of range.
 * @see Liang & Zeger (1986), Biometrika 73, 13–22; Miller (2024), Adding Error Bars to Evals, arXiv:2411.00640.
 */
export function clusterMeanDifference(
  differences: readonly number[],
  clusters: readonly RowKey[],
  confidence = 0.95,
): ClusterMeanResult {
  requireInside("confidence", confidence);
  const { sums, sizes, rows } = clusterUnits(differences, clusters);
  const count = sums.length;
  requireTwo("clusters", count);

  const difference = sums.reduce((total, sum) => total + sum, 0) / rows;
  const squares = sums.reduce((total, sum, cluster) => total + (sum - sizes[cluster]! * difference) ** 2, 0);
  const standardError = Math.sqrt((count / (count - 1)) * squares) / rows;
  const margin = -normalQuantile((1 - confidence) / 2) * standardError;
  return {
    difference,
    lower: difference - margin,
    upper: difference + margin,
    standardError,
    confidence,
    clusters: count,
  };
}
