import type { Outcome, Task } from "@pka/core";
import { wilsonInterval } from "@pka/stats";
import type { RowIndex } from "./row-index.js";
import { noOutcomes, RowTally } from "./row-tally.js";

const CONFIDENCE = 0.95;

/** What `verifyMath` says of the graded rows of a MATH run, and where it differs from the paper's `correct`. */
export interface VerificationSummary {
  readonly equivalent: number;
  readonly different: number;
  /** Neither right nor wrong: a missing answer, or one that could not be compared. The journal has the reasons. */
  readonly undecided: number;
  readonly incorrectButEquivalent: number;
  readonly correctButDifferent: number;
  /** Counted as correct by the paper, two missing boxes among them. */
  readonly correctButUndecided: number;
}

export type MetricName = "exactMatch" | "recall" | "accuracy";

/** One metric over the rows of a run. A row is `completed` when its outcome is `answered`; every other row is missing. */
export interface MetricSummary {
  /** As the paper counts: every graded row, whatever its outcome. */
  readonly successes: number;
  /** The paper's rate: `successes` / all rows, so that errors and rows not asked yet count as wrong. */
  readonly rateOfAll: number;
  /** Successes among completed rows. */
  readonly successesOfCompleted: number;
  /** `successesOfCompleted` / completed rows; `null` when there are none. */
  readonly rateOfCompleted: number | null;
  /** Wilson 95 % interval of `rateOfCompleted`. `null` when no row is completed, and with several samples, which are not independent. */
  readonly interval: { readonly lower: number; readonly upper: number } | null;
  /** Where the rate of all rows would lie [if every missing row were wrong, if every missing row were right]. */
  readonly bounds: readonly [lower: number, upper: number];
}

/** Some rows of a run. */
export interface RowGroup {
  readonly total: number;
  /** Rows whose outcome is `answered`. */
  readonly completed: number;
  /** Empty without rows. */
  readonly metrics: Readonly<Partial<Record<MetricName, MetricSummary>>>;
}

/** Rows that were asked more than once beside those that were asked once: they were chosen by what came out of them. */
export interface RetrySummary {
  /** The retried rows by the outcome of their first attempt. */
  readonly firstOutcomes: Readonly<Record<Outcome, number>>;
  readonly retried: RowGroup;
  readonly notRetried: RowGroup;
}

/** A run in numbers. */
export interface EvaluationSummary {
  readonly task: Task;
  /** Rows: questions × samples. */
  readonly total: number;
  /** Rows with at least one attempt, errors included. */
  readonly finished: number;
  /** Rows whose outcome is `answered`. */
  readonly completed: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** QA: `exactMatch` and `recall`; MATH: `accuracy`. */
  readonly metrics: Readonly<Partial<Record<MetricName, MetricSummary>>>;
  /** MATH: rows that count as correct because neither the completion nor the solution has a box. */
  readonly bothMissing?: number;
  /** MATH: a second verdict on the same rows. */
  readonly verification?: VerificationSummary;
  /** Only where rows were asked more than once. */
  readonly retries?: RetrySummary;
  /** Mean `num_tokens` of graded rows; `null` when there are none. */
  readonly avgTokens: number | null;
}

/** The summary of a run as it stands. */
export function summarize(task: Task, index: RowIndex, samples: number): EvaluationSummary {
  const all = new RowTally(index);
  const retried = new RowTally(index);
  const notRetried = new RowTally(index);
  const firstOutcomes = noOutcomes();
  const verification = { equivalent: 0, different: 0, undecided: 0 };
  const disagreements = { incorrectButEquivalent: 0, correctButDifferent: 0, correctButUndecided: 0 };
  let bothMissing = 0;
  for (let row = 0; row < index.numRows; row++) {
    if (index.outcome(row) === undefined) continue;
    all.add(row);
    const [firstOutcome] = index.earlierOutcomes(row);
    (firstOutcome === undefined ? notRetried : retried).add(row);
    if (firstOutcome !== undefined) firstOutcomes[firstOutcome] += 1;
    if (index.areBothMissing(row)) bothMissing += 1;
    const verified = index.verification(row);
    if (verified === undefined) continue;
    verification[verified] += 1;
    if (!index.isCorrect(row)) disagreements.incorrectButEquivalent += verified === "equivalent" ? 1 : 0;
    else if (verified === "different") disagreements.correctButDifferent += 1;
    else if (verified === "undecided") disagreements.correctButUndecided += 1;
  }

  const isIndependent = samples === 1;
  const groupOf = (tally: RowTally): RowGroup => {
    const { finished: total, completed } = tally;
    return { total, completed, metrics: metricsOf(task, tally, { total, isIndependent }) };
  };
  return {
    task,
    total: index.numRows,
    finished: all.finished,
    completed: all.completed,
    outcomes: all.outcomes,
    metrics: metricsOf(task, all, { total: index.numRows, isIndependent }),
    ...(task === "math" && { bothMissing, verification: { ...verification, ...disagreements } }),
    ...(retried.finished > 0 && {
      retries: { firstOutcomes, retried: groupOf(retried), notRetried: groupOf(notRetried) },
    }),
    avgTokens: all.avgTokens,
  };
}

function metricsOf(
  task: Task,
  { correct, recalled, completed }: RowTally,
  { total, isIndependent }: { readonly total: number; readonly isIndependent: boolean },
): EvaluationSummary["metrics"] {
  if (total === 0) return {};
  const rows = { total, completed, isIndependent };
  if (task === "math") return { accuracy: metricSummary(correct, rows) };
  return { exactMatch: metricSummary(correct, rows), recall: metricSummary(recalled, rows) };
}

/**
 * One metric, from the number of successes among all rows and among completed ones.
 *
 * @param rows.isIndependent - No two rows are draws of one question.
 */
export function metricSummary(
  successes: { readonly all: number; readonly completed: number },
  rows: { readonly total: number; readonly completed: number; readonly isIndependent: boolean },
): MetricSummary {
  const { total, completed, isIndependent } = rows;
  return {
    successes: successes.all,
    rateOfAll: successes.all / total,
    successesOfCompleted: successes.completed,
    rateOfCompleted: completed === 0 ? null : successes.completed / completed,
    interval: completed === 0 || !isIndependent ? null : wilsonInterval(successes.completed, completed, CONFIDENCE),
    bounds: [successes.completed / total, (successes.completed + total - completed) / total],
  };
}
