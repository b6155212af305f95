/** What a rewriting needs to know of an answer's LaTeX. Deliberately plain, and independent of the verifier's own parser. */

const OPENING = "([{";
const CLOSING = ")]}";

/** Cut at a separator outside all brackets. A comma of thousands is none. */
export function splitTop(answer: string, separator: "," | "\\cup" | "+-"): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < answer.length; at++) {
    const character = answer[at]!;
    if (OPENING.includes(character)) depth += 1;
    else if (CLOSING.includes(character)) depth -= 1;
    if (depth !== 0 || at === 0) continue;
    const isCut =
      separator === "+-"
        ? (character === "+" || character === "-") && !/[-+^*,(=]\s*$|\\pm\s*$/.test(answer.slice(0, at))
        : answer.startsWith(separator, at) &&
          !(separator === "," && /^,\s*(?:\\!\s*)?\d{3}(?!\d)/.test(answer.slice(at)));
    if (!isCut || at < start) continue;
    pieces.push(answer.slice(start, at).trim());
    start = separator === "+-" ? at : at + separator.length;
  }
  return [...pieces, answer.slice(start).trim()];
}

export const INTEGER = /^-?\d+$/;
export const DECIMAL = /^-?\d*\.\d+$/;
export const FRACTION = /^(-?)\\[dt]?frac\{(-?\d+)\}\{(\d+)\}$/;

/** One number, root, polynomial, …: no list, bracket around everything, relation, unit, text, base or matrix. */
export function isScalar(answer: string): boolean {
  return (
    !/[=<>_%$:&]|\\(?:text|mbox|in|cup|pm|infty|begin|circ|\{|overline)|\.$|^\\?[([]/.test(answer) &&
    splitTop(answer, ",").length === 1 &&
    !/,/.test(answer) &&
    !/^[A-Z]$/.test(answer)
  );
}

/** A scalar made of numbers alone. */
export function isNumeric(answer: string): boolean {
  return isScalar(answer) && !/[a-zA-Z]/.test(answer.replaceAll(/\\(?:[dtc]?frac|sqrt|pi)/g, ""));
}

/** The bracket around a whole answer and its items; `undefined` for everything else. */
export function tupleOf(
  answer: string,
): { readonly open: string; readonly close: string; readonly items: readonly string[] } | undefined {
  const match = /^\s*(?:\\left\s*)?([([])(.*?)(?:\\right\s*)?([)\]])\s*$/s.exec(answer);
  if (match === null) return undefined;
  const [, open, inside, close] = match as unknown as [string, string, string, string];
  let depth = 0;
  for (const character of inside) {
    if (OPENING.includes(character)) depth += 1;
    else if (CLOSING.includes(character) && --depth < 0) return undefined;
  }
  const items = splitInside(inside);
  return items.length < 2 || items.includes("") ? undefined : { open, close, items };
}

function splitInside(inside: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < inside.length; at++) {
    if (OPENING.includes(inside[at]!)) depth += 1;
    else if (CLOSING.includes(inside[at]!)) depth -= 1;
    else if (inside[at] === "," && depth === 0) {
      pieces.push(inside.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...pieces, inside.slice(start).trim()];
}

/** The items of a list without brackets; one item for everything else. */
export function listOf(answer: string): string[] {
  return /[=<>]|\\(?:text|cup|in\b)/.test(answer) ? [answer] : splitTop(answer, ",");
}

/** The variables of an answer: letters outside commands and text, but i and e. */
export function variablesOf(answer: string): string[] {
  const bare = answer.replaceAll(/\\(?:text|mbox)\s*\{[^}]*\}|\\[a-zA-Z]+/g, " ");
  return [...new Set(bare.match(/[a-zA-Z]/g))].filter((letter) => !"ie".includes(letter));
}
