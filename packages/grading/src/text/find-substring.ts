/** Up to this length the native search is fast and its worst case, text length × pattern length, still linear in the text. */
const SHORT_PATTERN = 32;

/**
 * Does `pattern` occur in `text` at a start that `accept` agrees to? Overlapping occurrences count; one that begins or
 * ends inside a surrogate pair does not, as Python's strings have no inside there.
 */
export function findSubstring(text: string, pattern: string, accept: (start: number) => boolean = () => true): boolean {
  const search = pattern.length > SHORT_PATTERN ? findLong : findShort;
  return search(
    text,
    pattern,
    (start) => !splitsPair(text, start) && !splitsPair(text, start + pattern.length) && accept(start),
  );
}

function splitsPair(text: string, index: number): boolean {
  const codePoint = text.codePointAt(index - 1);
  return codePoint !== undefined && codePoint > 0xffff;
}

function findShort(text: string, pattern: string, accept: (start: number) => boolean): boolean {
  let start = text.indexOf(pattern);
  while (start >= 0 && !accept(start)) start = start < text.length ? text.indexOf(pattern, start + 1) : -1;
  return start >= 0;
}

/** Knuth–Morris–Pratt: linear also for patterns such as many thousand equal characters, where `indexOf` is quadratic. */
function findLong(text: string, pattern: string, accept: (start: number) => boolean): boolean {
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
