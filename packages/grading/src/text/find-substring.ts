/** Up to this length the native search is fast and its worst case, text length × pattern length, still linear in the text. */
const SHORT_PATTERN = 32;

/** Does `pattern` occur in `text` at a start that `accept` agrees to? Overlapping occurrences count. */
export function findSubstring(text: string, pattern: string, accept: (start: number) => boolean): boolean {
  if (pattern.length > SHORT_PATTERN) return findLongSubstring(text, pattern, accept);
  for (let start = text.indexOf(pattern); start >= 0; start = text.indexOf(pattern, start + 1)) {
    if (accept(start)) return true;
  }
  return false;
}

/** Knuth–Morris–Pratt: linear also for patterns such as many thousand equal characters, where `indexOf` is quadratic. */
function findLongSubstring(text: string, pattern: string, accept: (start: number) => boolean): boolean {
  const borders = borderLengths(pattern);
  let matched = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    while (matched > 0 && pattern.charCodeAt(matched) !== code) matched = borders[matched - 1]!;
    if (pattern.charCodeAt(matched) === code) matched++;
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
    const code = pattern.charCodeAt(i);
    while (length > 0 && pattern.charCodeAt(length) !== code) length = borders[length - 1]!;
    if (pattern.charCodeAt(length) === code) length++;
    borders[i] = length;
  }
  return borders;
}
