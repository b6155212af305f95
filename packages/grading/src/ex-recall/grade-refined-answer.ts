import { containsWords } from "../text/contains-words.js";
import { normalizeWords, wordSeparators } from "../text/normalize-words.js";

const SEPARATORS = /* @__PURE__ */ wordSeparators("\u00b4");

/** One answer before and after refinement. */
export interface RefinedAnswer {
  /** The answer as the evaluation extracted it. */
  readonly extracted: string;
  /** What the refining model made of it. */
  readonly refined: string;
  /** Accepted answers of the question, any number. */
  readonly answers: readonly string[];
}

/** The Ex-Recall grader's verdict on one refined answer. */
export interface RefinedVerdict {
  /** An accepted answer stands in the refined answer as whole words. Never when skipped. */
  readonly recalled: boolean;
  /** Nothing had been extracted, so there was nothing to refine. */
  readonly skipped: boolean;
}

/**
 * Recall of a refined answer: the paper's Ex-Recall. As the evaluation's recall, but on `normalizeRefinedAnswer`.
 *
 * @see `Ex-Recall.py` of arXiv:2602.22193.
 */
export function gradeRefinedAnswer({ extracted, refined, answers }: RefinedAnswer): RefinedVerdict {
  if (extracted === "") return { recalled: false, skipped: true };
  const text = normalizeRefinedAnswer(refined);
  return { recalled: answers.some((answer) => containsWords(text, normalizeRefinedAnswer(answer))), skipped: false };
}

/** The form in which Ex-Recall compares answers: the evaluation's `normalizeAnswer`, except that ‘ and ’ stay. */
export function normalizeRefinedAnswer(text: string): string {
  return normalizeWords(text, SEPARATORS);
}
