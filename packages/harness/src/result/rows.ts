import type { Example, Outcome } from "@pka/core";
import type { AttemptRecord } from "../journal/record.js";
import type { PythonJsonValue } from "./python-json.js";

/** One item of `results` in the file of a QA run, in the order of the file. */
export type QaResultRow = {
  readonly question: string;
  readonly ground_truth: readonly string[];
  readonly raw_prediction: string | null;
  readonly extracted_prediction: string;
  readonly num_tokens: number;
  readonly exact_match: boolean;
  readonly recall: boolean;
} & OwnFields;

/** One item of `results` in the file of a MATH run, in the order of the file. */
export type MathResultRow = {
  readonly problem: string;
  readonly solution: string;
  readonly type: string;
  readonly raw_prediction: string | null;
  readonly extracted_prediction: string | null;
  readonly extracted_gt: string | null;
  readonly num_tokens: number;
  readonly correct: boolean;
} & OwnFields;

/** What stands behind the paper's fields, in rows that there is something to say of. */
export type OwnFields = {
  /** Which draw of the question, from 0. Only in files with several samples. */
  readonly sample?: number;
  /** That the question spells out: see `specialTokensIn`. */
  readonly special_tokens?: readonly string[];
} & RetryFields;

/** What a row says that was asked more than once; no other row has them. */
export type RetryFields = {
  /** How often the row was asked, ≥ 2. */
  readonly attempts?: number;
  /** What came of the attempts before the last one, the first first. */
  readonly earlier_outcomes?: readonly Outcome[];
};

/** Does the attempt stand in `results`? */
export function isGraded(attempt: AttemptRecord): boolean {
  return attempt.completion !== undefined && attempt.verdict !== undefined;
}

/** The attempt as an item of `results`. It must be graded. */
export function resultRow(example: Example, attempt: AttemptRecord): QaResultRow | MathResultRow {
  const { completion, verdict } = attempt;
  if (example.task === "qa" && completion !== undefined && verdict?.task === "qa") {
    return {
      question: example.question,
      ground_truth: example.answers,
      raw_prediction: completion.text,
      extracted_prediction: verdict.extractedPrediction,
      num_tokens: completion.numTokens,
      exact_match: verdict.exactMatch,
      recall: verdict.recall,
    };
  }
  if (example.task === "math" && completion !== undefined && verdict?.task === "math") {
    return {
      problem: example.question,
      solution: example.solution,
      type: example.type,
      raw_prediction: completion.text,
      extracted_prediction: verdict.extractedPrediction,
      extracted_gt: verdict.extractedGold,
      num_tokens: completion.numTokens,
      correct: verdict.correct,
    };
  }
  throw new TypeError(`${example.id}: not a graded attempt at this ${example.task} example`);
}

/** The marks of a row with these earlier outcomes. */
export function retryFields(earlier: readonly Outcome[]): RetryFields {
  return earlier.length === 0 ? {} : { attempts: earlier.length + 1, earlier_outcomes: earlier };
}

/** What the attempt puts into `errors`, in the paper's counting: failures, and boxes of MATH that could not be opened. */
export function errorEntries(attempt: AttemptRecord): readonly string[] {
  if (attempt.error !== undefined) return [attempt.error.message];
  if (attempt.verdict === undefined) return ["the completion has no text"];
  return attempt.verdict.task === "math" ? attempt.verdict.extractionErrors : [];
}

/** One item of `errors`. */
export function errorRow(example: Example, error: string): { readonly [key: string]: PythonJsonValue } {
  return { [example.task === "qa" ? "question" : "problem"]: example.question, error };
}
