import type { Rewriting } from "./equivalent-rewritings.js";
import { FRACTION, isNumeric, isScalar, listOf, splitTop, tupleOf, variablesOf } from "./latex.js";

const isZero = (answer: string): boolean => /^0*\.?0*$/.test(answer);

/** Answers close to the right one and wrong, each by construction. */
export const DIFFERENT_REWRITINGS: Readonly<Record<string, Rewriting>> = {
  "changed digit": (answer, random) => {
    const places = [...withoutWords(answer).matchAll(/\d/g)].map(({ index }) => index);
    if (places.length === 0) return undefined;
    const at = random.pick(places);
    const digits = "123456789".replace(answer[at]!, "");
    return answer.slice(0, at) + random.pick(digits.split("")) + answer.slice(at + 1);
  },
  "other sign": (answer) => {
    if (!isScalar(answer) || isZero(answer)) return undefined;
    return /^-[^+-]*$/.test(answer) ? answer.slice(1) : `-(${answer})`;
  },
  "one more": (answer) => (isScalar(answer) ? `${answer} + 1` : undefined),
  "a billionth more": (answer) => (isScalar(answer) ? `${answer} + 10^{-9}` : undefined),
  twice: (answer) => (isScalar(answer) && !isZero(answer) ? `2(${answer})` : undefined),
  squared: (answer) => (isScalar(answer) && !isZero(answer) && !/^-?1$/.test(answer) ? `(${answer})^2` : undefined),
  "upside down": (answer) => {
    const [, sign, a, b] = FRACTION.exec(answer) ?? [];
    return a === undefined || a === b || a === "0" ? undefined : `${sign}\\frac{${b}}{${a}}`;
  },
  "point moved": (answer) => (/^-?\d*\.\d+$/.test(answer) && !isZero(answer) ? `${answer} \\cdot 10` : undefined),
  "rounded fraction": (answer) => {
    const [, sign, a, b] = FRACTION.exec(answer) ?? [];
    if (a === undefined || (10n ** 12n * BigInt(a)) % BigInt(b!) === 0n) return undefined;
    return `${sign}${(Number(a) / Number(b)).toFixed(4)}`;
  },
  "rounded constant": (answer) =>
    isScalar(answer) && answer.includes("\\pi") ? answer.replaceAll("\\pi", "(3.14159)") : undefined,
  "constant lost": (answer) =>
    /^\d*\s*\\pi$/.test(answer)
      ? answer.replace("\\pi", "\\cdot 1")
      : answer.replace(/^(\d+)\s*\\sqrt\{(\d+)\}$/, "$1 \\cdot $2"),
  "other bracket": (answer, random) => {
    const tuple = tupleOf(answer);
    if (tuple?.items.length !== 2) return undefined;
    const [low, high] = tuple.items as [string, string];
    const isLow = high.includes("\\infty") || (!low.includes("\\infty") && random.integer(2) === 0);
    if (low.includes("\\infty") && high.includes("\\infty")) return undefined;
    const flip = (bracket: string) => ({ "(": "[", "[": "(", ")": "]", "]": ")" })[bracket]!;
    const [open, close] = isLow ? [flip(tuple.open), tuple.close] : [tuple.open, flip(tuple.close)];
    return `${open}${low}, ${high}${close}`;
  },
  "tuple in another order": (answer) => {
    const tuple = tupleOf(answer);
    if (tuple === undefined || tuple.items[0] === tuple.items.at(-1)) return undefined;
    const items = [...tuple.items];
    [items[0], items[items.length - 1]] = [items.at(-1)!, items[0]!];
    return `${tuple.open}${items.join(",")}${tuple.close}`;
  },
  "item lost": (answer, random) => {
    const items = listOf(answer);
    if (items.length > 1) return items.toSpliced(random.integer(items.length), 1).join(", ");
    const tuple = tupleOf(answer);
    if (tuple !== undefined && tuple.items.length > 2) return `(${tuple.items.slice(1).join(", ")})`;
    const pieces = splitTop(answer, "\\cup");
    return pieces.length > 1 ? pieces.slice(1).join(" \\cup ") : undefined;
  },
  "item added": (answer) => {
    if (listOf(answer).length > 1) return `${answer}, 98765`;
    const tuple = tupleOf(answer);
    if (tuple !== undefined) return `${tuple.open}${tuple.items.join(",")}, 98765${tuple.close}`;
    return isNumeric(answer) ? `${answer}, 98765` : undefined;
  },
  "list as a pair in another order": (answer) => {
    const items = listOf(answer);
    return items.length === 2 && items[0] !== items[1] ? `(${items[1]}, ${items[0]})` : undefined;
  },
  "other variable": (answer, random) => {
    const variables = variablesOf(answer);
    if (variables.length === 0 || /\\text|\\mbox|^[A-Z]$|^[A-Z], |\\overline|f\(/.test(answer)) return undefined;
    const variable = random.pick(variables);
    const other = random.pick(["q", "v", "w"].filter((letter) => !variables.includes(letter)));
    return answer.replaceAll(new RegExp(String.raw`(\\[a-zA-Z]+)|${variable}`, "g"), (match, command?: string) =>
      command === undefined ? other : command + (match === command && /[a-z]$/.test(command) ? " " : ""),
    );
  },
  "other operator": (answer) => {
    if (!isScalar(answer)) return undefined;
    const terms = splitTop(answer, "+-");
    if (terms.length < 2) return undefined;
    const last = terms.at(-1)!;
    return [...terms.slice(0, -1), last.startsWith("+") ? `-${last.slice(1)}` : `+${last.slice(1)}`].join(" ");
  },
  "other exponent": (answer, random) => {
    const places = [...withoutWords(answer).matchAll(/(?<=[a-z)]\^)[2-9](?!\d)/g)].map(({ index }) => index);
    if (places.length === 0 || /\\(?:text|mbox)/.test(answer)) return undefined;
    const at = random.pick(places);
    return `${answer.slice(0, at)}{1${answer[at]}}${answer.slice(at + 1)}`;
  },
  "other base": (answer) => answer.replace(/_\{?(\d+)\}?$/, (_, base: string) => `_{${Number(base) + 1}}`),
  "base as value": (answer) => {
    const [, digits, base] = /^(\d+)_\{?(\d)\}?$/.exec(answer) ?? [];
    return digits === undefined ? undefined : String(Number.parseInt(digits, Number(base)));
  },
  "other choice": (answer) =>
    answer.replace(/^((?:\\text\{)?\(?)([A-F])(\)?\}?)$/, (_, open: string, choice: string, close: string) => {
      return `${open}${choice === "F" ? "A" : String.fromCodePoint(choice.codePointAt(0)! + 1)}${close}`;
    }),
  "other word": (answer, random) =>
    /^\\(?:text|mbox)\{[A-Za-z]{3,}\}$/.test(answer)
      ? `\\text{${random.pick(["Zebra", "hyperbola", "west"])}}`
      : undefined,
  "equation shifted": (answer) => (/^[^=]*=[^=]*$/.test(answer) ? `${answer} + 1` : undefined),
  "matrix turned": (answer) => {
    const [, cells] = /^\\begin\{pmatrix\}([^&]*)\\end\{pmatrix\}$/.exec(answer) ?? [];
    return cells === undefined ? undefined : `\\begin{pmatrix}${cells.replaceAll("\\\\", "&")}\\end{pmatrix}`;
  },
  "an end made infinite": (answer) => {
    const tuple = tupleOf(answer);
    if (tuple?.items.length !== 2 || tuple.items[1]!.includes("infty")) return undefined;
    return `${tuple.open}${tuple.items[0]}, \\infty)`;
  },
  "infinite value": (answer) => (isNumeric(answer) ? "\\infty" : undefined),
};

/** The answer with its words blanked, every other character in its place. */
function withoutWords(answer: string): string {
  return answer.replaceAll(/\\(?:text|mbox)\s*\{[^}]*\}(?:\^\{?\d\}?)?/g, (match) => " ".repeat(match.length));
}
