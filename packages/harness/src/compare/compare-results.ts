import { UsageError } from "@pka/core";
import { type BootstrapMethod, holm, type PairBy } from "@pka/stats";
import type { ResultRows } from "../result/read-result-rows.js";
import { RESULT_METRICS, type ResultMetric } from "../result/result-row.js";
import { compareMetric, decidingPValue, type MetricComparison, type MetricOptions } from "./compare-metric.js";
import { NotComparableError } from "./errors.js";
import { pairResults, type PairingSummary } from "./pair-results.js";
import { type ResultSummary, summarizeResults } from "./summarize-results.js";

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

/** Two files against each other. */
export interface Comparison {
  readonly first: ResultSummary;
  readonly second: ResultSummary;
  readonly pairing: PairingSummary;
  readonly metrics: readonly MetricComparison[];
  /** Metrics that only one of the files carries, so that they were not compared. */
  readonly notCompared: readonly ResultMetric[];
}

/** Several files, each against the first. */
export interface ComparisonSet {
  readonly comparisons: readonly Comparison[];
  /** Holm's adjusted p-values, one per comparison, over all comparisons of a metric. Only with more than two files. */
  readonly adjusted?: Readonly<Partial<Record<ResultMetric, readonly (number | null)[]>>>;
}

/**
 * Compare two results on the same questions: McNemar's test and a bootstrap interval of the difference, for every metric that both
 * carry. A metric of an `ex_` file stands in one file only when the other is none; it is then reported as not compared.
 *
 * @throws NotComparableError when the files hold different datasets, nothing pairs, or a metric stands in one of them only.
 * @throws UsageError for an option out of range.
 * @example compareResults(await readResultRows(a, { columns: [] }), await readResultRows(b, { columns: [] })).metrics[0]?.mcnemar.pValue
 * @see `sigtest.py` and `bootstrap_ci.py` of arXiv 2602.22193.
 */
export function compareResults(first: ResultRows, second: ResultRows, options: CompareOptions = {}): Comparison {
  const resolved = resolve(options);
  const { pairs, summary } = pairResults(first, second, options.pairing ?? "occurrence");
  const { metrics, notCompared } = commonMetrics(first, second, options.metrics);
  return {
    first: summarizeResults(first, resolved.confidence),
    second: summarizeResults(second, resolved.confidence),
    pairing: summary,
    metrics: metrics.map((metric) => {
      const compared = compareMetric(metric, pairs, resolved);
      if (compared !== undefined) return compared;
      throw new NotComparableError(first.path, second.path, `no pair of rows has ${metric} on both sides`);
    }),
    notCompared,
  };
}

/** Compare each file with the first. @throws as {@link compareResults}; UsageError for fewer than two files. */
export function compareAgainstFirst(files: readonly ResultRows[], options: CompareOptions = {}): ComparisonSet {
  const [first, ...others] = files;
  if (first === undefined || others.length === 0) throw new UsageError("a comparison needs at least two files");
  const comparisons = others.map((other) => compareResults(first, other, options));
  if (comparisons.length === 1) return { comparisons };

  const adjusted: Partial<Record<ResultMetric, (number | null)[]>> = {};
  for (const [metric] of RESULT_METRICS) {
    const pValues = comparisons.map(({ metrics }) => {
      const compared = metrics.find((one) => one.metric === metric);
      return compared === undefined ? undefined : (decidingPValue(compared) ?? 1);
    });
    const family = pValues.filter((pValue) => pValue !== undefined);
    if (family.length === 0) continue;
    const holmed = holm(family)[Symbol.iterator]();
    adjusted[metric] = pValues.map((pValue) => (pValue === undefined ? null : holmed.next().value!));
  }
  return { comparisons, adjusted };
}

function resolve(options: CompareOptions): MetricOptions {
  const { alpha = 0.05, confidence = 0.95, resamples = 10_000, bootstrap = "percentile", seed = 0 } = options;
  if (!(alpha > 0 && alpha < 1)) throw new UsageError(`alpha must lie between 0 and 1, both excluded, not ${alpha}`);
  return { unanswered: options.unanswered ?? "wrong", alpha, confidence, resamples, bootstrap, seed };
}

function commonMetrics(
  first: ResultRows,
  second: ResultRows,
  asked: readonly ResultMetric[] | undefined,
): { metrics: ResultMetric[]; notCompared: ResultMetric[] } {
  const refuse = (problem: string) => new NotComparableError(first.path, second.path, problem);
  const inFirst = carried(first);
  const inSecond = carried(second);
  const wanted = asked ?? RESULT_METRICS.map(([metric]) => metric).filter((m) => inFirst.has(m) || inSecond.has(m));
  const metrics = wanted.filter((metric) => inFirst.has(metric) && inSecond.has(metric));
  const notCompared = wanted.filter((metric) => !metrics.includes(metric));
  const carries = ({ path }: ResultRows, names: ReadonlySet<string>) =>
    `${path} has ${[...names].join(", ") || "none"}`;
  if (metrics.length === 0) {
    throw refuse(`they carry no verdict in common: ${carries(first, inFirst)}, ${carries(second, inSecond)}`);
  }
  // The metrics of an `ex_` file are not those of a base file; anywhere else a missing one is a fault of the file.
  const isMixed = (first.kind === "ex") !== (second.kind === "ex");
  if (notCompared.length > 0 && (asked !== undefined || !isMixed)) {
    const [metric] = notCompared;
    const path = inFirst.has(metric!) ? second.path : first.path;
    throw refuse(`${metric} is missing in ${path}; leave it out by naming the metrics to compare`);
  }
  return { metrics, notCompared };
}

function carried({ rows }: ResultRows): ReadonlySet<ResultMetric> {
  return new Set(rows.flatMap((row) => Object.keys(row.metrics) as ResultMetric[]));
}
