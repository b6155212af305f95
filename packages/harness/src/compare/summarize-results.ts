import { type Interval, wilsonInterval } from "@pka/stats";
import type { ResultRows } from "../result/read-result-rows.js";
import { RESULT_METRICS, type ResultKind, type ResultMetric } from "../result/result-row.js";

/** One file in numbers. */
export interface ResultSummary {
  readonly path: string;
  readonly kind: ResultKind;
  readonly numRows: number;
  /** Rows without an answer; their verdicts are in the rates, as in the paper. */
  readonly numUnanswered: number;
  /** Rows without an answer that count as right all the same: in the paper's MATH two missing boxes are equal. */
  readonly numRightUnanswered: number;
  /** Rows whose verdict could not be had, and entries of the file's own list of errors. */
  readonly numErrors: number;
  readonly numSkippedLines: number;
  /** Over the rows that carry the metric. */
  readonly metrics: Readonly<Partial<Record<ResultMetric, RateSummary>>>;
}

/** How often a metric holds. */
export interface RateSummary {
  readonly successes: number;
  readonly numRows: number;
  readonly rate: number;
  /** Wilson's. It takes rows for independent, so it is too narrow where questions repeat. */
  readonly interval: Interval;
}

/** One file in numbers: how often each metric holds, with Wilson's interval, and what is missing. */
export function summarizeResults(
  { path, kind, rows, errors, skippedLines }: ResultRows,
  confidence = 0.95,
): ResultSummary {
  const unanswered = rows.filter(({ isAnswered, error }) => !isAnswered && error === undefined);
  const metrics: Partial<Record<ResultMetric, RateSummary>> = {};
  for (const [metric] of RESULT_METRICS) {
    const verdicts = rows.map((row) => row.metrics[metric]).filter((verdict) => verdict !== undefined);
    if (verdicts.length === 0) continue;
    const successes = verdicts.filter(Boolean).length;
    metrics[metric] = {
      successes,
      numRows: verdicts.length,
      rate: successes / verdicts.length,
      interval: wilsonInterval(successes, verdicts.length, confidence),
    };
  }
  return {
    path,
    kind,
    numRows: rows.length,
    numUnanswered: unanswered.length,
    numRightUnanswered: unanswered.filter((row) => Object.values(row.metrics).includes(true)).length,
    numErrors: errors.length + rows.filter(({ error }) => error !== undefined).length,
    numSkippedLines: skippedLines.count,
    metrics,
  };
}
