import { compareAnswers } from "./compare-answers.js";
import { parseAnswer } from "./parse-answer.js";
import { type Token, tokenize } from "./tokenize.js";
import { Budget, Undecided } from "./undecided.js";
import { decide, type MathVerification, SAME_TEXT, undecided } from "./verdict.js";

const MAX_LENGTH = 2000;
/** About 10 ms. */
const MAX_STEPS = 50_000;

/**
 * Do two MATH answers mean the same? They are parsed as mathematics and compared by exact arithmetic, else by complex values at fixed
 * points; what does not mean the same although its values agree (`101_2` and 5, `(1,2)` and `[1,2]`) is told apart by rule.
 *
 * Nothing is ever executed, and work is bounded by steps, not by time: the verdict is the same on every machine, for any text.
 *
 * @param prediction - Content of the completion's box; `null` when there was none.
 * @param gold - Content of the solution's box.
 * @returns `undecided` with the reason where either side cannot be read or compared. Never throws.
 * @example verifyMath("x = \\frac{\\sqrt 8}{4}", "\\frac1{\\sqrt2}") // { verdict: "equivalent", reason: "exact" }
 */
export function verifyMath(prediction: string | null, gold: string | null): MathVerification {
  if (prediction === null || gold === null) return undecided("missing");
  const [left, right] = [prediction.trim(), gold.trim()];
  if (left === "" || right === "") return undecided("missing");
  if (left === right) return SAME_TEXT;
  if (left.length > MAX_LENGTH || right.length > MAX_LENGTH) return undecided("too-long");
  try {
    const [tokens, goldTokens] = [tokenize(left), tokenize(right)];
    if (isSameTokens(tokens, goldTokens)) return SAME_TEXT;
    const budget = new Budget(MAX_STEPS);
    const verdict = decide(() => compareAnswers(parseAnswer(tokens, budget), parseAnswer(goldTokens, budget), budget));
    return verdict.verdict === "undecided" && isSameWords(tokens, goldTokens) ? SAME_TEXT : verdict;
  } catch (error) {
    if (error instanceof Undecided) return undecided(error.reason);
    throw error;
  }
}

function isSameTokens(a: readonly Token[], b: readonly Token[]): boolean {
  return a.length === b.length && a.every(({ kind, text }, at) => kind === b[at]!.kind && text === b[at]!.text);
}

/** Words, such as dates and times, whatever of them is marked as text. */
function isSameWords(a: readonly Token[], b: readonly Token[]): boolean {
  if (![...a, ...b].some(({ kind }) => kind === "text")) return false;
  const [left, right] = [wordsOf(a), wordsOf(b)];
  return left !== undefined && left !== "" && left === right;
}

/** `undefined` when there is more than words, numbers and punctuation. */
function wordsOf(tokens: readonly Token[]): string | undefined {
  let words = "";
  for (const { kind, text } of tokens) {
    if (kind === "mark" && !/^[.,:()-]$/.test(text)) return undefined;
    if (kind === "number" || text === "," || text === ":" || text === "-") words += text;
    else {
      const letters = text.replaceAll(/[\s.()]/g, "");
      words += letters.length === 1 ? letters : letters.toLowerCase();
    }
  }
  return words;
}
