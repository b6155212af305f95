import { UsageError } from "@pka/core";
import { holm } from "@pka/stats";
import type { ResultRows } from "../result/read-result-rows.js";
import { RESULT_METRICS, type ResultMetric } from "../result/result-row.js";
import { compareMetric, decidingPValue, type MetricComparison } from "./compare-metric.js";
import { type CompareOptions, resolveOptions } from "./compare-options.js";
import { NotComparableError } from "./errors.js";
import { pairResults, type PairingSummary } from "./pair-results.js";
import { type ResultSummary, summarizeResults } from "./summarize-results.js";

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
  const resolved = resolveOptions(options);
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
