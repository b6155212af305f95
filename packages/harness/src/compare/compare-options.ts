import { UsageError } from "@pka/core";
import type { BootstrapMethod, PairBy } from "@pka/stats";
import type { ResultMetric } from "../result/result-row.js";
import type { MetricOptions } from "./compare-metric.js";

/** Options of `compareResults` and of all that compares. */
export interface CompareOptions {
  /**
   * `occurrence` (default): the k-th row of a question with its k-th row in the other file. `index`: row by row. `legacy`: as the
   * paper's script; of several rows of a question in the second file the last is used for all in the first.
   */
  readonly pairing?: PairBy;
  /** Only these metrics; by default every metric that the files carry. */
  readonly metrics?: readonly ResultMetric[];
  /** `wrong` (default, the paper's): a row without an answer keeps its verdict. `drop`: its pair is left out. */
  readonly unanswered?: "wrong" | "drop";
  /** Default 0.05. */
  readonly alpha?: number;
  /** Of the intervals. Default 0.95. */
  readonly confidence?: number;
  /** Resamples of the bootstrap. Default 10,000. */
  readonly resamples?: number;
  /** Default `percentile`, the paper's. */
  readonly bootstrap?: BootstrapMethod;
  /** Default 0. */
  readonly seed?: number;
}

/** The options of one metric, defaults filled in. @throws UsageError for an alpha out of range; the rest is checked where it is used. */
export function resolveOptions(options: CompareOptions): MetricOptions {
  const { alpha = 0.05, confidence = 0.95, resamples = 10_000, bootstrap = "percentile", seed = 0 } = options;
  if (!(alpha > 0 && alpha < 1)) throw new UsageError(`alpha must lie between 0 and 1, both excluded, not ${alpha}`);
  return { unanswered: options.unanswered ?? "wrong", alpha, confidence, resamples, bootstrap, seed };
}
