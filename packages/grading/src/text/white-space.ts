/**
 * The characters that Python's `\s`, `strip()` and `split()` take for white space, as the inside of a character class.
 * JavaScript's `\s` and `trim()` lack U+001C–001F and U+0085, and have U+FEFF in addition.
 */
export const WHITE_SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

const WHITE_SPACE_CHARACTER = new RegExp(`[${WHITE_SPACE}]`);

/** Python's `str.strip()`. */
export function strip(text: string): string {
  // Two loops, because a regular expression for trailing white space takes quadratic time on a long inner run of it.
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text, start)) start++;
  while (end > start && isWhiteSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

function isWhiteSpace(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 0x20 || (!(code > 0x20 && code < 0x80) && WHITE_SPACE_CHARACTER.test(text.charAt(index)));
}
