const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

/**
 * Python's `\b`: exactly one of the two neighbours of `index` is a letter, a number or an underscore.
 * JavaScript's `\b` knows ASCII letters only. Combining marks are no word characters in either language.
 */
export function isWordBoundary(text: string, index: number): boolean {
  return isWordCharacter(codePointBefore(text, index)) !== isWordCharacter(text.codePointAt(index));
}

/** Does Python's `\w` match anywhere in `text`? */
export function hasWordCharacter(text: string): boolean {
  return WORD_CHARACTER.test(text);
}

function isWordCharacter(codePoint: number | undefined): boolean {
  return codePoint !== undefined && WORD_CHARACTER.test(String.fromCodePoint(codePoint));
}

function codePointBefore(text: string, index: number): number | undefined {
  const astral = text.codePointAt(index - 2);
  return astral !== undefined && astral > 0xffff ? astral : text.codePointAt(index - 1);
}
