/**
 * Does `pattern` occur in `text` at a place that `accept` agrees to? `accept` gets the start of each occurrence, overlapping ones included.
 *
 * Knuth–Morris–Pratt: every character of both strings is looked at a constant number of times. The native `indexOf`
 * takes quadratic time on a pattern of many thousand equal characters.
 */
export function findSubstring(text: string, pattern: string, accept: (start: number) => boolean): boolean {
  const borders = borderLengths(pattern);
  let matched = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    while (matched > 0 && pattern.charCodeAt(matched) !== character) matched = borders[matched - 1]!;
    if (pattern.charCodeAt(matched) === character) matched++;
    if (matched < pattern.length) continue;
    if (accept(i + 1 - matched)) return true;
    matched = borders[matched - 1]!;
  }
  return false;
}

/** For each prefix of `pattern`: the length of its longest proper prefix that is also its suffix. */
function borderLengths(pattern: string): Int32Array {
  const borders = new Int32Array(pattern.length);
  for (let i = 1, length = 0; i < pattern.length; i++) {
    const character = pattern.charCodeAt(i);
    while (length > 0 && pattern.charCodeAt(length) !== character) length = borders[length - 1]!;
    if (pattern.charCodeAt(length) === character) length++;
    borders[i] = length;
  }
  return borders;
}
