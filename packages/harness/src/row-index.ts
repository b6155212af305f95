import { type Outcome, OUTCOMES } from "@pka/core";
import { type MathVerification, verifyMath } from "@pka/grading/math-verify";
import type { AttemptRecord } from "./journal/record.js";
import type { Place } from "./journal/writer.js";
import { errorEntries, isGraded } from "./result/rows.js";

const CORRECT = 1;
const RECALL = 2;
const GRADED = 4;
const BOTH_MISSING = 8;
/** Two bits: 0 = none, else 1 + the verdict's position in VERIFICATIONS. */
const VERIFICATION_SHIFT = 4;
const VERIFICATIONS: readonly MathVerification["verdict"][] = ["equivalent", "different", "undecided"];

/**
 * What is known of every row of a run, in a few bytes per row; the rest stays in the journal.
 * A row is one draw of one question: row = index of the example × samples + sample. The last attempt at a row is what counts.
 */
export class RowIndex {
  readonly numRows: number;
  /** Where the last attempt stands in the journal, in bytes. */
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  readonly numTokens: Float64Array;
  /** Entries that the row puts in the result file's `errors`. */
  readonly numErrorEntries: Uint8Array;
  readonly #attempts: Uint32Array;
  /** 0 = not asked yet, else 1 + the outcome's position in OUTCOMES. */
  readonly #outcomes: Uint8Array;
  readonly #flags: Uint8Array;
  /** Only of rows that were asked more than once. */
  readonly #earlierOutcomes = new Map<number, Outcome[]>();

  constructor(numRows: number) {
    this.numRows = numRows;
    this.offsets = new Float64Array(numRows);
    this.lengths = new Uint32Array(numRows);
    this.numTokens = new Float64Array(numRows);
    this.numErrorEntries = new Uint8Array(numRows);
    this.#attempts = new Uint32Array(numRows);
    this.#outcomes = new Uint8Array(numRows);
    this.#flags = new Uint8Array(numRows);
  }

  /** Take the attempt that stands at `place` as the row's last. */
  record(row: number, attempt: AttemptRecord, place: Place): void {
    const { verdict } = attempt;
    const earlier = this.outcome(row);
    if (earlier !== undefined) this.#earlierOutcomes.set(row, [...this.earlierOutcomes(row), earlier]);
    this.offsets[row] = place.offset;
    this.lengths[row] = place.length;
    this.numTokens[row] = attempt.completion?.numTokens ?? 0;
    this.numErrorEntries[row] = errorEntries(attempt).length;
    this.#attempts[row] = attempt.attempt;
    this.#outcomes[row] = 1 + OUTCOMES.indexOf(attempt.outcome);
    const isCorrect = verdict?.task === "qa" ? verdict.exactMatch : verdict?.correct;
    const isRecalled = verdict?.task === "qa" && verdict.recall;
    const areBothMissing =
      verdict?.task === "math" && verdict.extractedPrediction === null && verdict.extractedGold === null;
    const verification =
      verdict?.task === "math"
        ? (verdict.verification ?? verifyMath(verdict.extractedPrediction, verdict.extractedGold))
        : undefined;
    this.#flags[row] =
      (isCorrect ? CORRECT : 0) |
      (isRecalled ? RECALL : 0) |
      (isGraded(attempt) ? GRADED : 0) |
      (areBothMissing ? BOTH_MISSING : 0) |
      (verification === undefined ? 0 : (1 + VERIFICATIONS.indexOf(verification.verdict)) << VERIFICATION_SHIFT);
  }

  /** `undefined` while the row has not been asked. */
  outcome(row: number): Outcome | undefined {
    return OUTCOMES[this.#outcomes[row]! - 1];
  }

  /** The row's last attempt is not an error, so it is asked again only where a retry names its outcome. */
  isDone(row: number): boolean {
    const outcome = this.outcome(row);
    return outcome !== undefined && outcome !== "error";
  }

  /** Attempts so far. */
  attempts(row: number): number {
    return this.#attempts[row]!;
  }

  /** What came of the attempts before the last one, the first first. */
  earlierOutcomes(row: number): readonly Outcome[] {
    return this.#earlierOutcomes.get(row) ?? [];
  }

  /** Attempts that gave a completion. */
  completions(row: number): number {
    const last = this.outcome(row);
    if (last === undefined) return 0;
    return [...this.earlierOutcomes(row), last].filter((outcome) => outcome !== "error").length;
  }

  /** The row stands in the result file's `results`. */
  isGraded(row: number): boolean {
    return (this.#flags[row]! & GRADED) !== 0;
  }

  /** Exact match in QA, equality in MATH. */
  isCorrect(row: number): boolean {
    return (this.#flags[row]! & CORRECT) !== 0;
  }

  /** Recall in QA. */
  isRecalled(row: number): boolean {
    return (this.#flags[row]! & RECALL) !== 0;
  }

  /** MATH: what `verifyMath` says; `undefined` for rows that are not graded. */
  verification(row: number): MathVerification["verdict"] | undefined {
    return VERIFICATIONS[(this.#flags[row]! >> VERIFICATION_SHIFT) - 1];
  }

  /** MATH: neither the completion nor the solution has a box, which the paper counts as correct. */
  areBothMissing(row: number): boolean {
    return (this.#flags[row]! & BOTH_MISSING) !== 0;
  }
}
