import { type Outcome, OUTCOMES } from "@pka/core";
import type { RowIndex } from "./row-index.js";

/** Counts over some rows of a run, each of which has an attempt. */
export class RowTally {
  readonly outcomes = noOutcomes();
  /** Exact match in QA, equality in MATH: of all rows that were added, and of those that are `answered`. */
  readonly correct = { all: 0, completed: 0 };
  readonly recalled = { all: 0, completed: 0 };
  /** Rows that were added. */
  finished = 0;
  readonly #index: RowIndex;
  #graded = 0;
  #tokens = 0;

  constructor(index: RowIndex) {
    this.#index = index;
  }

  add(row: number): void {
    const index = this.#index;
    const outcome = index.outcome(row)!;
    this.finished += 1;
    this.outcomes[outcome] += 1;
    const isCompleted = outcome === "answered";
    if (index.isCorrect(row)) count(this.correct, isCompleted);
    if (index.isRecalled(row)) count(this.recalled, isCompleted);
    if (!index.isGraded(row)) return;
    this.#graded += 1;
    this.#tokens += index.numTokens[row]!;
  }

  get completed(): number {
    return this.outcomes.answered;
  }

  /** Mean `num_tokens` of graded rows; `null` when there are none. */
  get avgTokens(): number | null {
    return this.#graded === 0 ? null : this.#tokens / this.#graded;
  }
}

function count(successes: { all: number; completed: number }, isCompleted: boolean): void {
  successes.all += 1;
  if (isCompleted) successes.completed += 1;
}

/** No row of any outcome. */
export function noOutcomes(): Record<Outcome, number> {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}
