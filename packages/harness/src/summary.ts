import type { Outcome, Task } from "@pka/core";
import { wilsonInterval } from "@pka/stats";
import type { RowIndex } from "./row-index.js";

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

/** Questions with short answers have the first two, MATH has the last. */
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
  /** Mean `num_tokens` of graded rows; `null` when there are none. */
  readonly avgTokens: number | null;
}

/** The summary of a run as it stands. */
export function summarize(task: Task, index: RowIndex, samples: number): EvaluationSummary {
  const outcomes: Record<Outcome, number> = {
    answered: 0,
    empty: 0,
    truncated: 0,
    "truncated-thinking": 0,
    refused: 0,
    unparsed: 0,
    error: 0,
  };
  const correct = { all: 0, completed: 0 };
  const recalled = { all: 0, completed: 0 };
  let finished = 0;
  let graded = 0;
  let tokens = 0;
  let bothMissing = 0;
  const verification = { equivalent: 0, different: 0, undecided: 0 };
  const disagreements = { incorrectButEquivalent: 0, correctButDifferent: 0, correctButUndecided: 0 };
  for (let row = 0; row < index.numRows; row++) {
    const outcome = index.outcome(row);
    if (outcome === undefined) continue;
    finished += 1;
    outcomes[outcome] += 1;
    for (const [count, success] of [
      [correct, index.isCorrect(row)],
      [recalled, index.isRecalled(row)],
    ] as const) {
      if (!success) continue;
      count.all += 1;
      if (outcome === "answered") count.completed += 1;
    }
    if (index.areBothMissing(row)) bothMissing += 1;
    const verified = index.verification(row);
    if (verified !== undefined) {
      verification[verified] += 1;
      if (!index.isCorrect(row)) disagreements.incorrectButEquivalent += verified === "equivalent" ? 1 : 0;
      else if (verified === "different") disagreements.correctButDifferent += 1;
      else if (verified === "undecided") disagreements.correctButUndecided += 1;
    }
    if (index.isGraded(row)) {
      graded += 1;
      tokens += index.numTokens[row]!;
    }
  }

  const total = index.numRows;
  const completed = outcomes.answered;
  const rows = { total, completed, isIndependent: samples === 1 };
  return {
    task,
    total,
    finished,
    completed,
    outcomes,
    ...(task === "qa"
      ? { metrics: { exactMatch: metricSummary(correct, rows), recall: metricSummary(recalled, rows) } }
      : {
          metrics: { accuracy: metricSummary(correct, rows) },
          bothMissing,
          verification: { ...verification, ...disagreements },
        }),
    avgTokens: graded === 0 ? null : tokens / graded,
  };
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
