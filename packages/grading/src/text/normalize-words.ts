import { WHITE_SPACE } from "./white-space.js";

const ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212";
const ARTICLE = /(?<![\p{L}\p{N}_])(?:an?|the)(?![\p{L}\p{N}_])/u;

/** Which UTF-16 codes separate words: 1 at those that do. Every other code is 0 or past the end. */
export type Separators = Uint8Array;

/** White space, ASCII punctuation (underscore included), dashes, and the `quotes` that the grader blanks as well. */
export function wordSeparators(quotes: string): Separators {
  const separators = new Uint8Array(0x3001); // the ideographic space is the highest separator
  for (const character of WHITE_SPACE + ASCII_PUNCTUATION + DASHES + quotes) separators[character.charCodeAt(0)] = 1;
  return separators;
}

/** Lower-case `text`, drop the words a, an and the, and put one space between the words that are left. */
export function normalizeWords(text: string, separators: Separators): string {
  const lower = text.toLowerCase();
  let words = "";
  // Words with one space between them are taken over together: most of a sentence is as it should be.
  let runStart = 0;
  let runEnd = 0;
  for (let start = 0, end = 0; start < lower.length; start = end + 1) {
    const first = lower.charCodeAt(start);
    // Asking the pattern takes long. A word of a–z and 0–9 can be an article only where it begins with a or t.
    let mayBeArticle = first === 0x61 || first === 0x74;
    for (end = start; end < lower.length; end++) {
      const code = lower.charCodeAt(end);
      if (separators[code]) break;
      if (code < 0x30 || code > 0x7a) mayBeArticle = true; // what lies between, if no letter or digit, is a separator
    }
    if (mayBeArticle && ARTICLE.test(lower.slice(start, end))) {
      words = append(words, lower.slice(runStart, runEnd));
      // Other characters end a word too: “the keeps its quotation mark only, á written as two characters its accent only.
      for (const piece of lower.slice(start, end).split(ARTICLE)) words = append(words, piece);
      runStart = runEnd = end;
    } else if (start < end) {
      if (runStart === runEnd || runEnd + 1 !== start || lower.charCodeAt(runEnd) !== 0x20) {
        words = append(words, lower.slice(runStart, runEnd));
        runStart = start;
      }
      runEnd = end;
    }
  }
  words = append(words, lower.slice(runStart, runEnd));
  return words;
}

function append(words: string, more: string): string {
  return words + (words && more && " ") + more;
}
