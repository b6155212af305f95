import { DECIMAL, FRACTION, INTEGER, isNumeric, isScalar, listOf, splitTop, tupleOf, variablesOf } from "./latex.js";
import type { Random } from "@pka/core";

/** Another way to write an answer; `undefined`, or the same text, where it does not apply. */
export type Rewriting = (answer: string, random: Random) => string | undefined;

/** Ways to write the same answer, each right by construction. */
export const EQUIVALENT_REWRITINGS: Readonly<Record<string, Rewriting>> = {
  "display fractions": (answer) => answer.replaceAll(/\\[tc]?frac/g, "\\dfrac"),
  "text fractions": (answer) => answer.replaceAll(/\\[dc]?frac/g, "\\tfrac"),
  "short fractions": (answer) => answer.replaceAll(/\\frac\{(\d)\}\{(\d)\}(?!\d)/g, "\\frac$1$2"),
  "wide spacing": (answer) =>
    /\\text|\\mbox/.test(answer) ? `  ${answer} ` : ` ${answer.replaceAll(/\s*([+=])\s*/g, "  $1\\, ")}\n`,
  "narrow spacing": (answer) =>
    /\\text|\\mbox|\d\s+\d/.test(answer) ? undefined : answer.replaceAll(/(?<!\\)\s+(?![a-zA-Z])/g, ""),
  "growing brackets": (answer) =>
    /\\left|\\text/.test(answer)
      ? undefined
      : answer.replaceAll(/(?<!\\)[([]/g, "\\left$&").replaceAll(/[)\]]/g, "\\right$&"),
  "plain brackets": (answer) => answer.replaceAll(/\\(?:left|right)(?![a-z])/g, ""),
  "math delimiters": (answer) => (answer.includes("$") ? undefined : `$${answer}$`),
  box: (answer) => `\\boxed{${answer}}`,
  "full stop": (answer) => (/[.\s]$/.test(answer) ? undefined : `${answer}.`),
  slash: (answer) => answer.replace(FRACTION, "$1$2/$3"),
  "no slash": (answer) => answer.replaceAll(/(?<![\d})])(\d+)\/(\d+)/g, "\\frac{$1}{$2}"),
  "fraction to decimal": (answer) => {
    const [, sign = "", numerator, denominator] = FRACTION.exec(answer) ?? [];
    return numerator === undefined ? undefined : terminating(sign, BigInt(numerator), BigInt(denominator!));
  },
  "decimal to fraction": (answer) => {
    if (!DECIMAL.test(answer)) return undefined;
    const [whole, decimals] = answer.replace("-", "").split(".") as [string, string];
    return `${answer.startsWith("-") ? "-" : ""}\\frac{${BigInt(whole + decimals)}}{${10n ** BigInt(decimals.length)}}`;
  },
  "larger fraction": (answer, random) => {
    const factor = BigInt(2 + random.integer(8));
    return answer.replace(FRACTION, (_, sign: string, a: string, b: string) => {
      return `${sign}\\frac{${BigInt(a) * factor}}{${BigInt(b) * factor}}`;
    });
  },
  "sign in the numerator": (answer) => answer.replace(/^-\\frac\{(\d+)\}/, "\\frac{-$1}"),
  "mixed number": (answer) => {
    const [, sign, a, b] = FRACTION.exec(answer) ?? [];
    if (a === undefined || a.startsWith("-")) return undefined;
    const [numerator, denominator] = [BigInt(a), BigInt(b!)];
    const rest = numerator % denominator;
    return numerator < denominator || rest === 0n
      ? undefined
      : `${sign}${numerator / denominator}\\frac{${rest}}{${b}}`;
  },
  "improper fraction": (answer) =>
    answer.replace(/^(\d+)\s*\\frac\{(\d+)\}\{(\d+)\}$/, (_, whole: string, a: string, b: string) => {
      return `\\frac{${BigInt(whole) * BigInt(b) + BigInt(a)}}{${b}}`;
    }),
  "trailing zeros": (answer) =>
    DECIMAL.test(answer) ? `${answer}00` : INTEGER.test(answer) ? `${answer}.0` : undefined,
  "leading zero": (answer) =>
    /\d\.\d/.test(answer) ? answer.replace(/^(-?)0\./, "$1.") : answer.replace(/^(-?)\./, "$10."),
  "leading plus": (answer) => (isScalar(answer) && !/^[-+\s]/.test(answer) ? `+${answer}` : undefined),
  "named value": (answer, random) => {
    const name = random.pick(["x", "t", "N", "\\theta", "\\text{Answer}", "S_3"]);
    return isScalar(answer) && !variablesOf(answer).includes(name) ? `${name} = ${answer}` : undefined;
  },
  "nameless value": (answer) => answer.replace(/^[a-zA-Z]\s*=\s*/, ""),
  "sides swapped": (answer) => {
    const sides = answer.split("=");
    return sides.length === 2 ? `${sides[1]} = ${sides[0]}` : undefined;
  },
  "equation in one side": (answer) => {
    const sides = answer.split("=");
    return sides.length === 2 && /[a-z]/.test(sides[1]!.replaceAll(/\\[a-z]+/g, ""))
      ? `${sides[0]} - (${sides[1]}) = 0`
      : undefined;
  },
  "units added": (answer, random) =>
    isNumeric(answer)
      ? answer +
        random.pick(["\\text{ units}", "\\,\\mbox{cm}", "\\text{ square feet}", " \\text{ apples}", "~\\mathrm{km}"])
      : undefined,
  "units dropped": (answer) =>
    answer.replace(/(?<=\d\}?)\s*(?:\\[;,]\s*)*\\(?:text|mbox)\s*\{[^}]*\}(?:\^\{?[23]\}?)?$/, ""),
  "degrees dropped": (answer) => (/\\(?:cos|sin)/.test(answer) ? undefined : answer.replaceAll(/\^\{?\\circ\}?/g, "")),
  "degrees in other ways": (answer, random) =>
    answer.replaceAll(/\^\{?\\circ\}?(?=$|,)/g, () => {
      return random.pick([
        "^{\\circ}",
        "^\\circ",
        "°",
        ...(/[a-z]{3}/.test(answer.replaceAll("\\circ", "")) ? [] : ["\\text{ degrees}"]),
      ]);
    }),
  "percent dropped": (answer) => answer.replace(/\\%$/, ""),
  "percent as a decimal": (answer) => {
    const [, percent] = /^(\d+)\\%$/.exec(answer) ?? [];
    return percent === undefined ? undefined : terminating("", BigInt(percent), 100n);
  },
  "currency dropped": (answer) => answer.replace(/\\\$\s*/, ""),
  "currency added": (answer) => (INTEGER.test(answer) && !answer.startsWith("-") ? `\\$${answer}` : undefined),
  "thousands separated": (answer, random) => {
    const comma = random.pick([",", "{,}", ",\\!", "\\,"]);
    return /^-?\d{4,}$/.test(answer) ? answer.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, comma) : undefined;
  },
  "thousands joined": (answer) => {
    const number = answer.replaceAll(/(?:,\s*(?:\\!)?\s*|\{,\})(?=\d{3}(?!\d))/g, "");
    return /^(?:\\\$)?\d+(?:\.\d+)?$/.test(number) ? number : undefined;
  },
  "list reordered": (answer, random) => {
    const items = listOf(answer);
    return items.length > 1 ? random.shuffle(items).join(random.pick([",", ", ", ",\\ "])) : undefined;
  },
  "list in braces": (answer) => (listOf(answer).length > 1 ? `\\{${listOf(answer).join(", ")}\\}` : undefined),
  "list with and": (answer, random) => {
    const items = listOf(answer);
    return items.length > 1
      ? `${items.slice(0, -1).join(", ")} ${random.pick(["\\text{ and } ", "\\text{ or } "])}${items.at(-1)}`
      : undefined;
  },
  "pieces reordered": (answer, random) => {
    const pieces = splitTop(answer, "\\cup");
    return pieces.length > 1 && !answer.includes("=") ? random.shuffle(pieces).join(" \\cup ") : undefined;
  },
  "interval as inequality": (answer) => {
    const tuple = tupleOf(answer);
    if (tuple?.items.length !== 2 || !(answer.includes("\\infty") || answer.includes("["))) return undefined;
    const [low, high] = tuple.items as [string, string];
    const [below, above] = [tuple.open === "[" ? "\\le" : "<", tuple.close === "]" ? "\\leq" : "<"];
    if (low.includes("\\infty")) return `x ${above} ${high}`;
    return high.includes("\\infty") ? `${low} ${below} x` : `${low} ${below} x ${above} ${high}`;
  },
  "terms reordered": (answer, random) => {
    if (!isScalar(answer) || answer.includes("/")) return undefined;
    const terms = splitTop(answer, "+-");
    return terms.length < 2 ? undefined : sumOf(random.shuffle(terms));
  },
  "factors reordered": (answer) => answer.replace(/^(\([^()]*\))(\([^()]*\))$/, "$2$1"),
  "square written out": (answer) => answer.replace(/^(\([^()]*\))\^2$/, "$1 \\cdot $1"),
  "multiplied and divided": (answer, random) => {
    const factor = 2 + random.integer(8);
    return isScalar(answer) ? `\\frac{${factor}(${answer})}{${factor}}` : undefined;
  },
  "added and subtracted": (answer, random) =>
    isScalar(answer) ? `${answer} + \\frac{1}{3} - \\frac{1}{${random.pick([3])}}` : undefined,
  "explicit products": (answer, random) => {
    const dot = random.pick([" \\cdot ", "\\times ", " * "]);
    return isScalar(answer) && !/\\(?:sin|cos|tan)/.test(answer)
      ? answer.replaceAll(/(?<=\d)\s*(?=[a-zA-DF-Z]|\\sqrt|\\pi)/g, dot)
      : undefined;
  },
  "root as power": (answer) => answer.replaceAll(/\\sqrt\{(\d+)\}/g, "{$1}^{1/2}"),
  "root of a larger number": (answer) =>
    answer.replaceAll(/\\sqrt\{(\d+)\}/g, (_, radicand: string) => `\\frac{\\sqrt{${BigInt(radicand) * 9n}}}{3}`),
  "factor under the root": (answer) =>
    answer.replace(/^(\d+)\s*\\sqrt\{(\d+)\}$/, (_, a: string, b: string) => `\\sqrt{${BigInt(a) ** 2n * BigInt(b)}}`),
  "rationalised the other way": (answer) =>
    answer.replace(
      /^\\frac\{\\sqrt\{(\d+)\}\}\{(\d+)\}$/,
      (_, a: string, b: string) => `\\frac{${a}}{${b}\\sqrt{${a}}}`,
    ),
  "braces around arguments": (answer) => answer.replaceAll(/\\sqrt\s?(\d)(?!\d)/g, "\\sqrt{$1}"),
  unicode: (answer) =>
    /\\text/.test(answer)
      ? undefined
      : answer
          .replaceAll(/\\pi\s*/g, "π")
          .replaceAll(/\\infty\s*/g, "∞")
          .replaceAll("-", "−")
          .replaceAll("\\cup", "∪")
          .replaceAll(/\^2(?!\d)/g, "²"),
  "other matrix brackets": (answer) => answer.replaceAll("pmatrix", "bmatrix"),
  "vector as a tuple": (answer) => {
    const [, cells] = /^\\begin\{pmatrix\}([^&]*)\\end\{pmatrix\}$/.exec(answer) ?? [];
    return cells === undefined
      ? undefined
      : `(${cells
          .split("\\\\")
          .map((cell) => cell.trim())
          .join(", ")})`;
  },
  "base in braces": (answer) => answer.replace(/_(\d+)$/, "_{$1}"),
  "words marked as text": (answer) => (/^[A-Z]$/.test(answer) ? `\\text{${answer}}` : undefined),
  "words not marked": (answer) => answer.replace(/^\\(?:text|mbox)\{\(?([A-Za-z]+)\)?\}$/, "$1"),
  "choice in brackets": (answer) => answer.replace(/^\\text\{\(?([A-E])\)?\}$/, "\\textbf{($1)}"),
};

/** A decimal with finitely many digits. */
function terminating(sign: string, numerator: bigint, denominator: bigint): string | undefined {
  const size = numerator < 0n ? -numerator : numerator;
  for (let decimals = 1; decimals <= 12; decimals++) {
    const scaled = size * 10n ** BigInt(decimals);
    if (scaled % denominator !== 0n) continue;
    const digits = String(scaled / denominator).padStart(decimals + 1, "0");
    const isNegative = (sign === "-") !== numerator < 0n;
    return `${isNegative ? "-" : ""}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  }
  return undefined;
}

function sumOf(terms: readonly string[]): string {
  return terms.map((term, at) => (at > 0 && !/^[-+]/.test(term) ? `+${term}` : term)).join(" ");
}
