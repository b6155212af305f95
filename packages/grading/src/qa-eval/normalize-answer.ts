import { normalizeWords, wordSeparators } from "../text/normalize-words.js";

const SEPARATORS = /* @__PURE__ */ wordSeparators("\u2018\u2019\u00b4");

/**
 * The form in which the evaluation grader compares answers: lower case, ASCII punctuation, dashes and ‘ ’ ´ as spaces,
 * without the words a, an and the, single spaces. Curly double quotes, currency and degree signs stay.
 */
export function normalizeAnswer(text: string): string {
  return normalizeWords(text, SEPARATORS);
}
