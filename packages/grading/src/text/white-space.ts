/**
 * The characters that Python's `\s`, `strip()` and `split()` take for white space.
 * JavaScript's `\s` and `trim()` lack U+001C–001F and U+0085, and have U+FEFF in addition.
 */
export const WHITE_SPACE =
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/** Python's `str.strip()`. */
export function strip(text: string): string {
  // Two loops, because a regular expression for trailing white space takes quadratic time on a long inner run of it.
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.includes(text.charAt(start))) start++;
  while (end > start && WHITE_SPACE.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
