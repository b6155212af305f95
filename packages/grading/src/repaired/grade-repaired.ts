import type { AnswerVerdict } from "../qa-eval/grade-answer.js";
import { normalizeAnswer } from "../qa-eval/normalize-answer.js";
import { findSubstring } from "../text/find-substring.js";
import { strip } from "../text/white-space.js";
import { isWordBoundary, isWordCharacterAt, isWordCharacterBefore } from "../text/word-boundary.js";

/**
 * Exact match and recall without the known faults of the paper's graders; its verdicts are not the paper's.
 *
 * - An accepted answer that begins or ends in a symbol (`£100`, `20 °`) is recalled: a word boundary is asked for only where the
 *   accepted answer has a letter or digit. Exact match therefore implies recall.
 * - An accepted answer that normalises to nothing (`The`, `A`) matches only an answer that is the same, case aside.
 * - Recall always takes whole words, as the RL reward does not: `art` is not recalled by `smart`.
 *
 * @param prediction - Answer text, best taken by `extractFinalAnswer`; `null` (no answer) is never right.
 * @param answers - Accepted answers, any number; `[]` gives false and false.
 * @param normalize - The form in which answers are compared: `normalizeAnswer` by default, `normalizeRefinedAnswer` and
 * `normalizeRewardAnswer` for the repaired forms of the other two graders.
 * @example gradeRepaired("It cost £100.", ["£100"]) // { exactMatch: false, recall: true }
 */
export function gradeRepaired(
  prediction: string | null,
  answers: readonly string[],
  normalize: (text: string) => string = normalizeAnswer,
): AnswerVerdict {
  const verdict = { exactMatch: false, recall: false };
  if (prediction === null) return verdict;
  const text = normalize(prediction);
  for (const answer of answers) {
    const gold = normalize(answer);
    const isSame =
      gold === "" ? asItStands(answer) !== "" && asItStands(answer) === asItStands(prediction) : gold === text;
    verdict.exactMatch ||= isSame;
    verdict.recall ||= isSame || (gold !== "" && containsWhole(text, gold));
  }
  return verdict;
}

function containsWhole(text: string, words: string): boolean {
  const startsInWord = isWordCharacterAt(words, 0);
  const endsInWord = isWordCharacterBefore(words, words.length);
  return findSubstring(
    text,
    words,
    (start) =>
      (!startsInWord || isWordBoundary(text, start)) && (!endsInWord || isWordBoundary(text, start + words.length)),
  );
}

function asItStands(text: string): string {
  return strip(text).toLowerCase();
}
