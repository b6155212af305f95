import { findSubstring } from "./find-substring.js";
import { hasWordCharacter, isWordBoundary } from "./word-boundary.js";

/**
 * Does `words` occur in `text` with a word boundary at both ends? Both are normalised, so only single spaces separate words.
 *
 * Two consequences of the boundaries, kept from the paper's code: words that begin or end in a symbol (`£100`) are found
 * only right beside a letter or digit, and empty words are found in any text with a word character, not in an empty one.
 */
export function containsWords(text: string, words: string): boolean {
  if (words === "") return hasWordCharacter(text);
  return findSubstring(
    text,
    words,
    (start) => isWordBoundary(text, start) && isWordBoundary(text, start + words.length),
  );
}
