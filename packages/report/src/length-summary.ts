import { quantile } from "@pka/stats";
import type { LengthSummary } from "./report-data.js";

/** Of every histogram: enough to see a second mode, few enough to draw small. */
const NUM_BINS = 40;

/**
 * A distribution of lengths, split by whether the row was right. Bins are equally wide on a logarithmic scale, the first
 * begins at the shortest length above 0 and holds the zeros too; two runs that pass the same `range` can be drawn above each other.
 *
 * @param lengths - Whole numbers ≥ 0, with the row's verdict (`undefined` = none: counted in the totals only).
 * @returns `null` without lengths.
 */
export function lengthSummary(
  unit: LengthSummary["unit"],
  lengths: readonly { readonly length: number; readonly right: boolean | undefined }[],
  range?: { readonly min: number; readonly max: number },
): LengthSummary | null {
  if (lengths.length === 0) return null;
  const all = sorted(lengths.map(({ length }) => length));
  const right = sorted(lengths.filter((row) => row.right === true).map(({ length }) => length));
  const wrong = sorted(lengths.filter((row) => row.right === false).map(({ length }) => length));
  const edges = logarithmicEdges(range?.min ?? all.find((length) => length > 0) ?? 1, range?.max ?? all.at(-1)!);
  return {
    unit,
    rows: all.length,
    mean: mean(all)!,
    median: quantile(all, 0.5),
    p10: quantile(all, 0.1),
    p90: quantile(all, 0.9),
    max: all.at(-1)!,
    meanRight: mean(right),
    meanWrong: mean(wrong),
    medianRight: median(right),
    medianWrong: median(wrong),
    rowsRight: right.length,
    rowsWrong: wrong.length,
    edges,
    right: histogram(right, edges),
    wrong: histogram(wrong, edges),
  };
}

function logarithmicEdges(min: number, max: number): number[] {
  const low = Math.max(1, min);
  const ratio = Math.max(max, low + 1) / low;
  return Array.from({ length: NUM_BINS + 1 }, (_, i) => low * ratio ** (i / NUM_BINS));
}

function histogram(lengths: readonly number[], edges: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  const scale = counts.length / Math.log(edges.at(-1)! / edges[0]!);
  for (const length of lengths) {
    const bin = length <= edges[0]! ? 0 : Math.floor(Math.log(length / edges[0]!) * scale);
    counts[Math.min(bin, counts.length - 1)]! += 1;
  }
  return counts;
}

function sorted(lengths: readonly number[]): number[] {
  return lengths.toSorted((a, b) => a - b);
}

function median(ascending: readonly number[]): number | null {
  return ascending.length === 0 ? null : quantile(ascending, 0.5);
}

function mean(lengths: readonly number[]): number | null {
  return lengths.length === 0 ? null : lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}
