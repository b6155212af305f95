import type { Spend } from "../ledger.js";
import type { EvaluationSummary, MetricSummary, RetrySummary, RowGroup, VerificationSummary } from "../summary.js";
import { PythonFloat, type PythonJsonValue } from "./python-json.js";

/** Raised when the meaning of a field under `pka` changes. */
const RESULT_FORMAT = 1;

export interface PkaFields {
  readonly conditionHash: string;
  /** `complete` when every row has an attempt; a file of a run that ended before says how. */
  readonly status: string;
  readonly samples: number;
  readonly summary: EvaluationSummary;
  readonly spend: Spend;
}

/** What the paper's files lack, under one key of its own. */
export function pkaFields({ samples, summary, spend, conditionHash, status }: PkaFields): PythonJsonValue {
  return {
    format: RESULT_FORMAT,
    condition_hash: conditionHash,
    status,
    samples,
    total: summary.total,
    finished: summary.finished,
    completed: summary.completed,
    outcomes: summary.outcomes,
    metrics: metricsFields(summary.metrics),
    ...(summary.bothMissing === undefined ? {} : { both_missing: summary.bothMissing }),
    ...(summary.verification === undefined ? {} : { verification: verificationFields(summary.verification) }),
    ...(summary.retries === undefined ? {} : { retries: retryFields(summary.retries) }),
    spend: spendFields(spend),
  };
}

/** Dollars, and requests that may have been billed, only where the run had a price: without, a local server's file would speak of bills. */
function spendFields({ costUsd, possiblyBilled, ...tokens }: Spend): PythonJsonValue {
  return {
    ...Object.fromEntries(Object.entries(tokens).map(([name, value]) => [snakeCase(name), value])),
    ...(costUsd !== null && { cost_usd: new PythonFloat(costUsd), possibly_billed: possiblyBilled }),
  };
}

function verificationFields(verification: VerificationSummary): PythonJsonValue {
  return Object.fromEntries(Object.entries(verification).map(([name, count]) => [snakeCase(name), count]));
}

function retryFields({ firstOutcomes, retried, notRetried }: RetrySummary): PythonJsonValue {
  return { first_outcomes: firstOutcomes, retried: groupFields(retried), not_retried: groupFields(notRetried) };
}

function groupFields({ total, completed, metrics }: RowGroup): PythonJsonValue {
  return { total, completed, metrics: metricsFields(metrics) };
}

function metricsFields(metrics: EvaluationSummary["metrics"]): PythonJsonValue {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [snakeCase(name), metricFields(metric)]));
}

function metricFields(metric: MetricSummary): PythonJsonValue {
  const { rateOfCompleted, interval, bounds } = metric;
  return {
    successes: metric.successes,
    rate_of_all: new PythonFloat(metric.rateOfAll),
    successes_of_completed: metric.successesOfCompleted,
    rate_of_completed: rateOfCompleted === null ? null : new PythonFloat(rateOfCompleted),
    interval_95: interval === null ? null : [new PythonFloat(interval.lower), new PythonFloat(interval.upper)],
    bounds: bounds.map((bound) => new PythonFloat(bound)),
  };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
