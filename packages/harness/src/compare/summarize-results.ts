import { type Interval, wilsonInterval } from "@pka/stats";
import type { ResultRows } from "../result/read-result-rows.js";
import { RESULT_METRICS, type ResultKind, type ResultMetric, type ResultRow } from "../result/result-row.js";
import { metricSummary } from "../summary.js";

/** One file in numbers. */
export interface ResultSummary {
  readonly path: string;
  readonly kind: ResultKind;
  readonly numRows: number;
  /** Rows that should be there, those that failed or were never asked included. */
  readonly total: number;
  /**
   * Rows with an outcome `answered`, where the file says so; else rows with an answer. In `ex_` files: rows whose refinement did not
   * fail.
   */
  readonly numCompleted: number;
  /** Rows without an answer; their verdicts are in the rates, as in the paper. */
  readonly numUnanswered: number;
  /** Rows without an answer that count as right all the same: in the paper's MATH two missing boxes are equal. */
  readonly numRightUnanswered: number;
  /** Rows whose verdict could not be had, and entries of the file's own list of errors. */
  readonly numErrors: number;
  readonly numSkippedLines: number;
  /** Rows that were asked more than once: chosen by what came out of them, they are no draws like the others. */
  readonly numRetried: number;
  /** Over the rows that carry the metric. */
  readonly metrics: Readonly<Partial<Record<ResultMetric, ResultRate>>>;
}

/** How often a metric holds. */
export interface RateSummary {
  readonly successes: number;
  readonly numRows: number;
  readonly rate: number;
  /** Wilson's. It takes rows for independent, so it is too narrow where questions repeat. */
  readonly interval: Interval;
}

/** How often a metric holds in a whole file, and what the missing rows could change. */
export interface ResultRate extends RateSummary {
  /** `successes` / total rows: what failed or was never asked counts as wrong. */
  readonly rateOfAll: number;
  /** Among completed rows; `null` when there are none. */
  readonly rateOfCompleted: number | null;
  /** Where the rate of all rows would lie [if every row that is not completed were wrong, if every one were right]. */
  readonly bounds: readonly [lower: number, upper: number];
}

/** One file in numbers: how often each metric holds, with Wilson's interval, and what is missing. */
export function summarizeResults(file: ResultRows, confidence = 0.95): ResultSummary {
  const { path, kind, rows, errors, skippedLines, pka } = file;
  const unanswered = rows.filter(({ isAnswered, error }) => !isAnswered && error === undefined);
  const numFailed = rows.filter(({ error }) => error !== undefined).length;
  // In MATH a row may have a verdict and stand in `errors`.
  const total = Math.max(pka?.total ?? file.total ?? 0, rows.length + (kind === "math" ? 0 : errors.length));
  const isCompleted = (row: ResultRow) => (kind === "ex" ? row.error === undefined : row.isAnswered);
  const completedRows = rows.filter(isCompleted);
  const numCompleted = pka?.outcomes["answered"] ?? completedRows.length;
  const metrics: Partial<Record<ResultMetric, ResultRate>> = {};
  for (const [metric] of RESULT_METRICS) {
    const verdicts = rows.map((row) => row.metrics[metric]).filter((verdict) => verdict !== undefined);
    if (verdicts.length === 0) continue;
    const successes = verdicts.filter(Boolean).length;
    const completed = pka?.successesOfCompleted[metric] ?? completedRows.filter((row) => row.metrics[metric]).length;
    const counts = { total, completed: numCompleted, isIndependent: false };
    const { rateOfAll, rateOfCompleted, bounds } = metricSummary({ all: successes, completed }, counts);
    metrics[metric] = {
      successes,
      numRows: verdicts.length,
      rate: successes / verdicts.length,
      interval: wilsonInterval(successes, verdicts.length, confidence),
      rateOfAll,
      rateOfCompleted,
      bounds,
    };
  }
  return {
    path,
    kind,
    numRows: rows.length,
    total,
    numCompleted,
    numUnanswered: unanswered.length,
    numRightUnanswered: unanswered.filter((row) => Object.values(row.metrics).includes(true)).length,
    numErrors: errors.length + numFailed,
    numSkippedLines: skippedLines.count,
    numRetried: rows.filter(({ attempts = 1 }) => attempts > 1).length,
    metrics,
  };
}
