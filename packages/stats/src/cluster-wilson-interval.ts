import { clusterMeanDifference } from "./cluster-mean-difference.js";
import type { RowKey } from "./pair-rows.js";
import { type Interval, wilsonBounds } from "./wilson-interval.js";

/** Interval of a proportion whose rows come in clusters. */
export interface ClusterWilsonResult extends Interval {
  /** Share of successes among the rows, in [0, 1]. */
  readonly rate: number;
  /** As many independent rows would be as informative: between 1 and the number of rows. */
  readonly effectiveRows: number;
  readonly confidence: number;
  readonly clusters: number;
}

/**
 * Wilson's score interval for a proportion whose rows come in clusters, such as several answers to one question: the interval of
 * p = share of successes among n* rows, where n* = p(1 − p) / (cluster-robust standard error)².
 *
 * Assumes independent clusters, some 40 or more. n* is never more than the number of rows; where every row is a success, or none is,
 * nothing shows how alike the rows of a cluster are, and n* is the number of clusters.
 *
 * @param successes - Whether each row is a success.
 * @param clusters - Cluster of each row, such as its question; as long as `successes`, at least two clusters.
 * @param confidence - Two-sided, in (0, 1). Default 0.95.
 * @throws UsageError for an empty list, lists of different lengths, one cluster only, or a confidence out of range.
 * @see Franco, Little, Louis & Slud (2019), Journal of Survey Statistics and Methodology 7, 334–364; the standard error is that of
 * {@link clusterMeanDifference}.
 */
export function clusterWilsonInterval(
  successes: readonly boolean[],
  clusters: readonly RowKey[],
  confidence = 0.95,
): ClusterWilsonResult {
  const {
    difference,
    standardError,
    clusters: count,
  } = clusterMeanDifference(successes.map(Number), clusters, confidence);
  const numSuccesses = successes.filter(Boolean).length;
  const rate = numSuccesses / successes.length;
  const isUniform = numSuccesses === 0 || numSuccesses === successes.length;
  const effectiveRows = isUniform
    ? count
    : Math.min(successes.length, (difference * (1 - difference)) / standardError ** 2);
  return { rate, ...wilsonBounds(rate, effectiveRows, confidence), effectiveRows, confidence, clusters: count };
}
