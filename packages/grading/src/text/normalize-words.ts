import { WHITE_SPACE } from "./white-space.js";

const ASCII_PUNCTUATION = String.raw`!-\/:-@\[-\x60{-~`;
const DASHES = String.raw`\u2010-\u2015\u2212`;
const ARTICLE = /(?<![\p{L}\p{N}_])(?:an?|the)(?![\p{L}\p{N}_])/gu;
const SPACES = / +/g;

/**
 * What separates words for a grader: white space, ASCII punctuation (underscore included), dashes and the characters in `quotes`.
 * @param quotes - More characters to blank, as the inside of a character class.
 */
export function wordSeparators(quotes: string): RegExp {
  return new RegExp(`[${WHITE_SPACE}${ASCII_PUNCTUATION}${DASHES}${quotes}]+`, "g");
}

/** Lower-case `text`, blank the separators, drop the words a, an and the, and leave single spaces between words, none at the ends. */
export function normalizeWords(text: string, separators: RegExp): string {
  // Articles go after punctuation, as in the original: "U.S.A." becomes "u s".
  const words = text.toLowerCase().replace(separators, " ").replace(ARTICLE, " ").replace(SPACES, " ");
  return words.slice(words.startsWith(" ") ? 1 : 0, words.endsWith(" ") ? -1 : undefined);
}
