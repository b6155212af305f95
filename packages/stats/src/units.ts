import { UsageError } from "@pka/core";
import { requireNumbers, requireSameLength } from "./check.js";
import type { RowKey } from "./pair-rows.js";

/** Differences added up within each cluster, in order of first appearance. */
export interface Units {
  /** Sum of the differences of each cluster. */
  readonly sums: Float64Array;
  /** Rows of each cluster, at least 1. */
  readonly sizes: Float64Array;
  /** All rows. */
  readonly rows: number;
}

/**
 * @param clusters - Cluster of each difference, such as its question.
 * @throws UsageError when there are no differences, one is not finite, or the two lists differ in length.
 */
export function clusterUnits(differences: readonly number[], clusters: readonly RowKey[]): Units {
  requireNumbers("differences", differences);
  requireSameLength(["differences", differences], ["clusters", clusters]);
  const positions = new Map<RowKey, number>();
  for (const cluster of clusters) if (!positions.has(cluster)) positions.set(cluster, positions.size);
  const sums = new Float64Array(positions.size);
  const sizes = new Float64Array(positions.size);
  for (const [row, cluster] of clusters.entries()) {
    const position = positions.get(cluster)!;
    sums[position]! += differences[row]!;
    sizes[position]! += 1;
  }
  return { sums, sizes, rows: differences.length };
}

/** @throws UsageError where there is one unit only: nothing can be said about its spread. */
export function requireTwo(name: string, count: number): void {
  if (count < 2) throw new UsageError(`${name}: at least 2 are needed to see how much they vary, not ${count}`);
}
