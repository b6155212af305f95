import { type Outcome, OUTCOMES, UsageError } from "@pka/core";
import type { RowIndex } from "./row-index.js";

/** The outcomes whose rows may be asked again. An answered row never is: its answer stands, right or wrong. */
export const RETRY_OUTCOMES: readonly Outcome[] = OUTCOMES.filter((outcome) => outcome !== "answered");

/**
 * The rows that are to be asked again because of their outcome. A round is over when every one of them has a new completion; until
 * then the same request goes on with it, so that a run that was killed asks no row of the round twice.
 */
export class RetryRound {
  #outcomes = "";
  readonly #rows = new Set<number>();

  /** Take the rows that have one of the outcomes, or go on with an unfinished round of the same outcomes. */
  begin(outcomes: readonly Outcome[], index: RowIndex): void {
    const wanted = new Set(outcomes);
    const named = OUTCOMES.filter((outcome) => wanted.has(outcome)).join();
    if (this.#rows.size > 0 && named === this.#outcomes) return;
    this.#outcomes = named;
    this.#rows.clear();
    for (let row = 0; row < index.numRows; row++) {
      const outcome = index.outcome(row);
      if (outcome !== undefined && wanted.has(outcome)) this.#rows.add(row);
    }
  }

  /** A row has been asked. One that failed is still to be asked. */
  observe(row: number, outcome: Outcome): void {
    if (outcome !== "error") this.#rows.delete(row);
  }

  has(row: number): boolean {
    return this.#rows.has(row);
  }

  get size(): number {
    return this.#rows.size;
  }
}

/** @throws UsageError for no outcome, one that there is not, or one that is never asked again; it lists those that can. */
export function checkRetry(retry: readonly string[] | undefined): void {
  if (retry === undefined) return;
  const known: readonly string[] = RETRY_OUTCOMES;
  const unknown = retry.find((outcome) => !known.includes(outcome));
  if (unknown === undefined && retry.length > 0) return;
  const problem =
    unknown === undefined ? "retry names no outcome" : `retry: ${JSON.stringify(unknown)} cannot be asked again`;
  throw new UsageError(`${problem}; the outcomes that can are ${known.join(", ")}`);
}
