import { containsWords } from "../text/contains-words.js";
import { normalizeAnswer } from "./normalize-answer.js";

/** The evaluation grader's verdict on one answer. */
export interface AnswerVerdict {
  /** The prediction equals an accepted answer. */
  readonly exactMatch: boolean;
  /** An accepted answer stands in the prediction as whole words. Exact match does not imply it: `£100` recalls nothing. */
  readonly recall: boolean;
}

/**
 * Exact match and recall as the paper's evaluation counts them, both sides normalised by `normalizeAnswer`.
 *
 * @param prediction - Answer text taken from one completion, by `extractAnswer` or `extractBeforeCloseTag`.
 * @param answers - Accepted answers of the question, any number; `[]` gives false and false.
 * @example gradeAnswer("It was Émile Zola.", ["Zola"]) // { exactMatch: false, recall: true }
 * @see `run_eval.py` of arXiv:2602.22193. Kept from it: an accepted answer that normalises to nothing (such as "The") recalls any prediction with a word in it.
 */
export function gradeAnswer(prediction: string, answers: readonly string[]): AnswerVerdict {
  const text = normalizeAnswer(prediction);
  const golds = answers.map(normalizeAnswer);
  return { exactMatch: golds.includes(text), recall: golds.some((gold) => containsWords(text, gold)) };
}
