import { quantile } from "@pka/stats";
import type { ThinkingSample } from "./thinking-sample.js";

/** How long thinking is, in the unit of the samples; quantiles as numpy interpolates them. */
export interface LengthDistribution {
  readonly mean: number;
  /** With n − 1; 0 of a single sample. */
  readonly standardDeviation: number;
  readonly min: number;
  readonly p5: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
  readonly max: number;
  /** Bins that double in width, from the first to the last that holds a sample. */
  readonly histogram: readonly HistogramBin[];
}

/** Lengths from `from`, included, to `to`, excluded, and what became of the samples. */
export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly numRight: number;
  readonly numWrong: number;
}

/**
 * How the lengths spread. Quantiles are interpolated between neighbours, as numpy does by default.
 *
 * @param samples - At least one.
 */
export function lengthDistribution(samples: readonly ThinkingSample[]): LengthDistribution {
  const sorted = Float64Array.from(samples, ({ length }) => length).toSorted();
  const mean = sorted.reduce((sum, length) => sum + length, 0) / sorted.length;
  const squares = sorted.reduce((sum, length) => sum + (length - mean) ** 2, 0);
  return {
    mean,
    standardDeviation: Math.sqrt(squares / Math.max(1, sorted.length - 1)),
    min: quantile(sorted, 0),
    p5: quantile(sorted, 0.05),
    p25: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    p75: quantile(sorted, 0.75),
    p95: quantile(sorted, 0.95),
    max: quantile(sorted, 1),
    histogram: histogramOf(samples),
  };
}

/** 0, 1, 2–3, 4–7, 8–15, … */
function histogramOf(samples: readonly ThinkingSample[]): HistogramBin[] {
  const bins: { from: number; to: number; count: number; numRight: number; numWrong: number }[] = [];
  for (const { length, isRight } of samples) {
    const index = 32 - Math.clz32(length); // the number of its binary digits
    while (bins.length <= index) {
      const from = bins.at(-1)?.to ?? 0;
      bins.push({ from, to: Math.max(1, 2 * from), count: 0, numRight: 0, numWrong: 0 });
    }
    const bin = bins[index]!;
    bin.count += 1;
    if (isRight !== null) bin[isRight ? "numRight" : "numWrong"] += 1;
  }
  return bins.slice(bins.findIndex(({ count }) => count > 0));
}
