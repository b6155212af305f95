import { normalizeWords, wordSeparators } from "../text/normalize-words.js";
import { WORD_CHARACTER } from "../text/word-boundary.js";
import { unescapeHtml } from "./unescape-html.js";

const SEPARATORS = /* @__PURE__ */ wordSeparators("\u2018\u2019\u00b4");
const TAG = /<[^>]+>/g;
const AMPERSAND_IN_WORD = /* @__PURE__ */ new RegExp(`&(?<=${WORD_CHARACTER}&)(?=${WORD_CHARACTER})`, "gu");

/**
 * The form in which the RL environment compares answers: HTML character references resolved, then `<…>` deleted, then
 * `&` between two word characters as `and`, then as the evaluation's `normalizeAnswer`.
 */
export function normalizeRewardAnswer(text: string): string {
  return normalizeWords(deleteTags(unescapeHtml(text)).replace(AMPERSAND_IN_WORD, " and "), SEPARATORS);
}

function deleteTags(text: string): string {
  // After the last `>` no tag can end; looking for one there from every `<` would take quadratic time.
  const end = text.lastIndexOf(">") + 1;
  return text.slice(0, end).replace(TAG, "") + text.slice(end);
}
