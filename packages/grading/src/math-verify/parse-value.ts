import type { Value } from "./answer.js";
import type { Brackets } from "./brackets.js";
import { ExpressionParser } from "./parse-expression.js";
import { TokenCursor } from "./token-cursor.js";
import type { Token } from "./tokenize.js";
import type { Budget } from "./undecided.js";
import { isUnitWord, unitOf } from "./units.js";

/**
 * A scalar with its unit: words, a percent sign or a currency.
 *
 * @param sign - What `\pm` stands for.
 * @throws Undecided
 */
export function parseValue(
  range: {
    readonly tokens: readonly Token[];
    readonly brackets: Brackets;
    readonly start: number;
    readonly end: number;
  },
  sign: 1 | -1,
  budget: Budget,
): Value {
  const { tokens, brackets, start } = range;
  let { end } = range;
  let isPercent = false;
  const units: string[] = [];
  const isMark = (at: number, text: string) => tokens[at]?.kind === "mark" && tokens[at].text === text;
  const hasCurrency = tokens.slice(start, end).some((_, at) => isMark(start + at, "\\$"));
  for (let before = -1; before !== end;) {
    before = end;
    const last = tokens[end - 1];
    const exponent = unitExponentLength(tokens, start, end);
    if (exponent > 0) {
      units.unshift(tokens[end - exponent - 1]!.text + tokens[exponent === 2 ? end - 1 : end - 2]!.text);
      end -= exponent + 1;
    } else if (end - start > 1 && last?.kind === "text" && isNoise(last)) {
      if (/^per\s?cent$/i.test(last.text)) isPercent = true;
      else units.unshift(last.text);
      end -= 1;
    } else if (end - start > 1 && (isMark(end - 1, "%") || isMark(end - 1, "\\$"))) {
      isPercent ||= last?.text === "%";
      end -= 1;
    } else if (units.length > 0 && isMark(end - 1, "/") && tokens[end - 2]?.kind === "text") {
      units.unshift("/");
      end -= 1;
    }
  }
  const expression = new ExpressionParser(new TokenCursor(tokens, brackets, start, end), sign, budget).parse();
  return { kind: "value", expression, isPercent, unit: unitOf(units.join("")) ?? (hasCurrency ? "dollar" : undefined) };
}

/** A word that may go: marked as text, a unit, or set apart in small letters. `2AB` and `2wxyz` are products. */
function isNoise({ text, isBare, isSpaced }: Token): boolean {
  return !isBare || isUnitWord(text) || (isSpaced && /^[a-z]+$/.test(text));
}

/** How many tokens at the end are the power of a unit: `^2` after text 2, `^{2}` 4, else 0. */
function unitExponentLength(tokens: readonly Token[], start: number, end: number): 0 | 2 | 4 {
  const isUnit = (at: number) => at > start && tokens[at]!.kind === "text" && tokens[at + 1]!.text === "^";
  if (end - start < 4 || tokens[end - 1]!.kind === "text") return 0;
  if (tokens[end - 1]!.kind === "number") return isUnit(end - 3) ? 2 : 0;
  const isBraced = tokens[end - 1]!.text === "}" && tokens[end - 3]!.text === "{" && tokens[end - 2]!.kind === "number";
  return isBraced && isUnit(end - 5) ? 4 : 0;
}
