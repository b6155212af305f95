import { wilsonInterval } from "@pka/stats";
import { lengthContrast, type ThinkingSample } from "@pka/thinking-tokens";
import { lengthSummary } from "./length-summary.js";
import type { LoadedRow, LoadedRun } from "./loaded-run.js";
import {
  type LengthSummary,
  type MetricRate,
  REPORT_METRICS,
  type ReportMetric,
  type ReportRun,
  type RetryRate,
  type RetryRates,
  type RowOutcome,
} from "./report-data.js";

/** Of questions, for the interval of one contrast: its last digit shown is settled, and a large folder takes seconds. */
const CONTRAST_RESAMPLES = 1000;

/** The metric that says right or wrong of a run's rows where one verdict is needed. */
function verdictMetricOf(rows: readonly LoadedRow[]): ReportMetric | null {
  const metrics: readonly ReportMetric[] = ["refinedRecall", "recall", "accuracy", "exactMatch"];
  return metrics.find((metric) => rows.some(({ verdicts }) => verdicts[metric] !== undefined)) ?? null;
}

/** What the histograms of several runs span together, so that they can be compared by eye. */
export interface LengthRange {
  readonly min: number;
  readonly max: number;
}

/** The shortest length above 0 and the longest; `undefined` where no row has one. */
export function commonRange(
  runs: readonly LoadedRun[],
  length: (row: LoadedRow) => number | null,
): LengthRange | undefined {
  let [min, max] = [Infinity, 0];
  for (const { rows } of runs) {
    for (const row of rows) {
      const value = length(row);
      if (value === null || value <= 0) continue;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return max === 0 ? undefined : { min, max };
}

/** The figures of one run. */
export function summarizeRun(
  run: LoadedRun,
  id: number,
  ranges: { readonly tokens: LengthRange | undefined; readonly thinking: LengthRange | undefined },
): ReportRun {
  const { rows, numErrors, samples } = run;
  const total = Math.max(run.total, rows.length + numErrors);
  const verdictMetric = verdictMetricOf(rows);
  const lengthsOf = (
    unit: LengthSummary["unit"],
    range: LengthRange | undefined,
    length: (row: LoadedRow) => number | null,
  ) => {
    const lengths = [];
    for (const row of rows) {
      const value = length(row);
      if (value === null) continue;
      lengths.push({ length: value, right: verdictMetric === null ? undefined : row.verdicts[verdictMetric] });
    }
    return lengthSummary(unit, lengths, range);
  };

  const metrics: Partial<Record<ReportMetric, MetricRate>> = {};
  for (const metric of REPORT_METRICS) {
    const counts = countRows(rows, metric);
    if (counts.rows > 0) metrics[metric] = metricRate(counts, total, samples);
  }
  return {
    id,
    file: run.file,
    ...run.name,
    task: run.task,
    refinedFile: run.refinedFile,
    journalFile: run.journalFile,
    total,
    rows: rows.length,
    errors: numErrors,
    notAsked: total - rows.length - numErrors,
    repeated: rows.length - new Set(rows.map(({ key }) => key)).size,
    samples,
    outcomes: outcomesOf(rows, numErrors, total),
    metrics,
    verdictMetric,
    retries: retryRates(rows, verdictMetric),
    tokens: lengthsOf("tokens", ranges.tokens, (row) => row.numTokens),
    thinkingLength: lengthsOf("characters", ranges.thinking, (row) => row.thinkingLength),
    thinkingContrast: thinkingContrastOf(rows, verdictMetric),
  };
}

function thinkingContrastOf(rows: readonly LoadedRow[], metric: ReportMetric | null): ReportRun["thinkingContrast"] {
  if (metric === null) return null;
  const samples = rows.flatMap(({ thinkingLength, verdicts, question }): ThinkingSample[] => {
    if (thinkingLength === null) return [];
    return [{ state: "closed", length: thinkingLength, isRight: verdicts[metric] ?? null, question }];
  });
  const contrast = lengthContrast(samples, { resamples: CONTRAST_RESAMPLES });
  if (contrast === null) return null;
  const { difference, lower, upper } = contrast;
  return { difference, lower, upper };
}

/** Verdicts of one metric, over rows that have one and over those of them that are completed. */
function countRows(rows: readonly LoadedRow[], metric: ReportMetric) {
  const counts = { rows: 0, successes: 0, completed: 0, successesOfCompleted: 0 };
  for (const { verdicts, outcome } of rows) {
    const verdict = verdicts[metric];
    if (verdict === undefined) continue;
    // A refined answer that can be judged is one, and where nothing was there to refine it is a miss.
    const isCompleted = outcome === "answered" || metric === "refinedRecall";
    counts.rows += 1;
    counts.successes += verdict ? 1 : 0;
    counts.completed += isCompleted ? 1 : 0;
    counts.successesOfCompleted += isCompleted && verdict ? 1 : 0;
  }
  return counts;
}

function metricRate(counts: ReturnType<typeof countRows>, total: number, samples: number): MetricRate {
  const { rows, successes, completed, successesOfCompleted } = counts;
  return {
    successes,
    rows,
    rate: successes / rows,
    interval: samples > 1 ? null : wilsonInterval(successes, rows),
    rateOfAll: successes / total,
    completed,
    rateOfCompleted: completed === 0 ? null : successesOfCompleted / completed,
    bounds: { lower: successesOfCompleted / total, upper: (successesOfCompleted + total - completed) / total },
  };
}

function retryRates(rows: readonly LoadedRow[], metric: ReportMetric | null): RetryRates | null {
  const retried = rows.filter(({ isRetried }) => isRetried);
  if (metric === null || retried.length === 0) return null;
  const rateOf = (some: readonly LoadedRow[]): RetryRate => {
    const { completed, successesOfCompleted: successes } = countRows(some, metric);
    return { completed, successes, rate: completed === 0 ? null : successes / completed };
  };
  return { rows: retried.length, retried: rateOf(retried), once: rateOf(rows.filter((row) => !row.isRetried)) };
}

function outcomesOf(rows: readonly LoadedRow[], numErrors: number, total: number): Record<RowOutcome, number> {
  const outcomes: Record<RowOutcome, number> = {
    answered: 0,
    empty: 0,
    truncated: 0,
    "truncated-thinking": 0,
    refused: 0,
    unparsed: 0,
    error: numErrors,
    "not-asked": total - rows.length - numErrors,
  };
  for (const { outcome } of rows) outcomes[outcome] += 1;
  return outcomes;
}
