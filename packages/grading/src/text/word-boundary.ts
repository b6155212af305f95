/** What Python's `\w` matches, for use in a regular expression with the `u` flag. Combining marks are not in it. */
export const WORD_CHARACTER = String.raw`[\p{L}\p{N}_]`;

const HAS_WORD_CHARACTER = new RegExp(WORD_CHARACTER, "u");

/** Does Python's `\w` match anywhere in `text`? */
export function hasWordCharacter(text: string): boolean {
  return HAS_WORD_CHARACTER.test(text);
}

/**
 * Python's `\b`: exactly one of the two neighbours of `index` is a letter, a number or an underscore.
 * JavaScript's `\b` knows ASCII letters only.
 */
export function isWordBoundary(text: string, index: number): boolean {
  return isWordCharacter(codePointBefore(text, index)) !== isWordCharacter(text.codePointAt(index));
}

/** Is the character before `index` a letter, a number or an underscore? */
export function isWordCharacterBefore(text: string, index: number): boolean {
  return isWordCharacter(codePointBefore(text, index));
}

/** Is the character at `index` a letter, a number or an underscore? */
export function isWordCharacterAt(text: string, index: number): boolean {
  return isWordCharacter(text.codePointAt(index));
}

function isWordCharacter(codePoint: number | undefined): boolean {
  return codePoint !== undefined && hasWordCharacter(String.fromCodePoint(codePoint));
}

function codePointBefore(text: string, index: number): number | undefined {
  const astral = text.codePointAt(index - 2);
  return astral !== undefined && astral > 0xffff ? astral : text.codePointAt(index - 1);
}
