import type { Answer, Relation, Value } from "./answer.js";
import { Brackets } from "./brackets.js";
import type { Expression } from "./expression.js";
import { parseValue } from "./parse-value.js";
import type { Token } from "./tokenize.js";
import { type Budget, Undecided } from "./undecided.js";

const SEPARATORS = new Set([",", ";", "and", "or"]);
const RELATIONS = new Set(["=", "<", ">", "\\le", "\\ge", "\\ne", "\\in", "\\approx", "\\equiv", "\\sim", "\\to"]);
const ASCENDING: ReadonlyMap<string, Relation> = new Map([
  ["<", "<"],
  ["\\le", "\\le"],
  ["\\ne", "\\ne"],
]);
const DESCENDING: ReadonlyMap<string, Relation> = new Map([
  [">", "<"],
  ["\\ge", "\\le"],
]);
const MATRICES = new Set(["matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"]);
const MAX_DEPTH = 30;

const INFINITY: Expression = { kind: "symbol", name: "infinity" };
const REAL_LINE: Answer = {
  kind: "tuple",
  items: [{ kind: "negation", of: INFINITY } as const, INFINITY].map(valueOf),
  open: "(",
  close: ")",
};

/**
 * What an answer says. Structure is found by looking for separators between brackets, weakest first:
 * list, relation, union, then brackets, matrices, ratios, numerals and scalar expressions.
 *
 * @throws Undecided
 */
export function parseAnswer(tokens: readonly Token[], budget: Budget): Answer {
  return new AnswerParser(tokens, budget).parse(0, tokens.length);
}

class AnswerParser {
  readonly #brackets: Brackets;
  #depth = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly budget: Budget,
  ) {
    this.#brackets = new Brackets(tokens);
  }

  parse(from: number, to: number): Answer {
    if (++this.#depth > MAX_DEPTH) throw new Undecided("too-deep");
    const [start, end] = this.#trim(from, to);
    this.budget.spend(1 + end - start);
    const answer =
      this.#list(start, end) ??
      this.#relation(start, end) ??
      this.#union(start, end) ??
      this.#bracketed(start, end) ??
      this.#matrix(start, end) ??
      this.#numeral(start, end) ??
      this.#ratioOrValue(start, end);
    this.#depth -= 1;
    return answer;
  }

  #text(at: number): string {
    return this.tokens[at]?.text ?? "";
  }

  #isMark(at: number, text: string): boolean {
    const token = this.tokens[at];
    return token?.kind === "mark" && token.text === text;
  }

  /** Without braces around everything and punctuation at the end. */
  #trim(from: number, to: number): [number, number] {
    let [start, end] = [from, to];
    for (;;) {
      const last = this.tokens[end - 1];
      if (end - start > 1 && last?.kind === "mark" && [".", ",", ";", ":"].includes(last.text)) end -= 1;
      else if (this.#isMark(start, "{") && this.#brackets.closing(start) === end - 1)
        [start, end] = [start + 1, end - 1];
      else if (start >= end) throw new Undecided("unsupported");
      else return [start, end];
    }
  }

  /** Positions of marks that stand outside all brackets. */
  #find(start: number, end: number, isWanted: (text: string) => boolean): number[] {
    const found: number[] = [];
    for (let at = start; at < end; at++) {
      const { kind, text } = this.tokens[at]!;
      if (kind === "mark" && isWanted(text)) found.push(at);
      const close = this.#brackets.closing(at);
      if (close > at) at = close;
    }
    return found;
  }

  #pieces(start: number, end: number, cuts: readonly number[]): [number, number][] {
    return [...cuts, end].map((cut, index) => [index === 0 ? start : cuts[index - 1]! + 1, cut]);
  }

  #list(start: number, end: number): Answer | undefined {
    const cuts = this.#find(start, end, (text) => SEPARATORS.has(text));
    return cuts.length === 0 ? undefined : this.#listOf(start, end, cuts, false);
  }

  #listOf(start: number, end: number, cuts: readonly number[], isInBraces: boolean): Answer {
    const items: Answer[] = [];
    for (const [from, to] of this.#pieces(start, end, cuts)) {
      // `1, 2, and 3`
      const isBesideWord = [from - 1, to].some((at) => at >= start && at < end && /^(?:and|or)$/.test(this.#text(at)));
      if (from === to && isBesideWord) continue;
      items.push(...itemsOf(this.parse(from, to)));
    }
    const isAlternative = cuts.some((at) => this.#text(at) === "or");
    return { kind: "list", items, isInBraces, isAlternative };
  }

  #relation(start: number, end: number): Answer | undefined {
    const cuts = this.#find(start, end, (text) => RELATIONS.has(text));
    if (cuts.length === 0) return undefined;
    const relations = cuts.map((at) => this.#text(at));
    const sides = this.#pieces(start, end, cuts);
    if (relations[0] === "\\in" && cuts.length === 1) {
      return { kind: "membership", name: this.#value(...sides[0]!).expression, set: this.parse(...sides[1]!) };
    }
    if (relations.every((relation) => relation === "=")) return this.#equation(sides);
    for (const [order, isReversed] of [
      [ASCENDING, false],
      [DESCENDING, true],
    ] as const) {
      const ordered = relations.map((relation) => order.get(relation));
      if (!ordered.every((relation) => relation !== undefined)) continue;
      const values = sides.map((side) => this.#value(...side).expression);
      const result = { kind: "inequality", sides: values, relations: ordered } as const;
      return isReversed ? { ...result, sides: values.toReversed(), relations: ordered.toReversed() } : result;
    }
    throw new Undecided("unsupported");
  }

  #equation(sides: readonly [number, number][]): Answer {
    const [first, ...others] = sides;
    const last = others.at(-1)!;
    const right = this.parse(...last);
    if (this.#isName(...first!)) return right;
    if (sides.length > 2) {
      // x = 1/2 = 0.5 says nothing that could be checked but that all sides are one.
      throw new Undecided("unsupported");
    }
    const left = this.#value(...first!).expression;
    if (right.kind === "value") return { kind: "equation", left, right };
    // A = (1, 2), x = \pm 1
    if (left.kind !== "symbol") throw new Undecided("unsupported");
    if (right.kind !== "list" || right.isInBraces) return right;
    const items = right.items.map((item): Answer =>
      item.kind === "value" ? { kind: "equation", left, right: item } : item,
    );
    return { ...right, items };
  }

  /** Words, or a tuple of variables: what is named says nothing about the value. */
  #isName(start: number, end: number): boolean {
    const inside = this.tokens.slice(start, end);
    if (inside.every(({ kind }) => kind === "text")) return inside.length > 0;
    return (
      this.#isMark(start, "(") &&
      this.#brackets.closing(start) === end - 1 &&
      inside.slice(1, -1).every(({ kind, text }) => kind === "letter" || text === ",")
    );
  }

  #union(start: number, end: number): Answer | undefined {
    const [cut] = this.#find(start, end, (text) => text === "\\setminus");
    if (cut !== undefined) {
      const without = this.parse(cut + 1, end);
      return { kind: "union", pieces: [this.parse(start, cut)], without };
    }
    const cuts = this.#find(start, end, (text) => text === "\\cup");
    if (cuts.length === 0) return undefined;
    const pieces = this.#pieces(start, end, cuts).map(([from, to]) => this.parse(from, to));
    return { kind: "union", pieces };
  }

  #bracketed(start: number, end: number): Answer | undefined {
    if (end - start === 1 && this.tokens[start]!.kind === "mark") {
      if (this.#isMark(start, "\\R")) return REAL_LINE;
      if (this.#isMark(start, "\\emptyset")) return listInBraces([]);
    }
    if (this.#brackets.closing(start) !== end - 1) return undefined;
    const [from, to] = [start + 1, end - 1];
    const open = this.#text(start);
    const cuts = this.#find(from, to, (text) => SEPARATORS.has(text));
    if (open === "\\{") {
      if (from === to) return listInBraces([]);
      const [bar] = this.#find(from, to, (text) => text === "|" || text === ":");
      // A set builder: { x | x > 2 }
      if (bar !== undefined) return this.parse(bar + 1, to);
      return this.#listOf(from, to, cuts, true);
    }
    if (open !== "(" && open !== "[") return undefined;
    if (cuts.length > 0) {
      const items = this.#pieces(from, to, cuts).map(([at, until]) => this.parse(at, until));
      return { kind: "tuple", items, open, close: this.#text(end - 1) };
    }
    const inside = this.tokens.slice(from, to);
    return inside.every(({ kind }) => kind === "text") ? this.parse(from, to) : undefined;
  }

  #matrix(start: number, end: number): Answer | undefined {
    const [begin] = this.#find(start, end, (text) => text === "\\begin");
    if (begin === undefined) return undefined;
    const close = this.#brackets.closing(begin);
    const name = this.#text(begin + 1);
    if (!MATRICES.has(name) || close !== end - 2) throw new Undecided("unsupported");
    let from = begin + 2;
    if (name === "array" && this.#isMark(from, "{")) from = this.#brackets.closing(from) + 1;
    const to = this.#isMark(close - 1, "\\\\") ? close - 1 : close;
    const factor = begin === start ? undefined : this.#value(start, this.#isMark(begin - 1, "*") ? begin - 1 : begin);
    const rows = this.#pieces(
      from,
      to,
      this.#find(from, to, (text) => text === "\\\\"),
    ).map(([at, until]) =>
      this.#pieces(
        at,
        until,
        this.#find(at, until, (text) => text === "&"),
      ).map(([left, right]): Expression => {
        const { expression } = this.#value(left, right);
        return factor === undefined ? expression : { kind: "product", factors: [factor.expression, expression] };
      }),
    );
    return { kind: "matrix", rows };
  }

  /** Digits with a base as their index: 101_2, -12A_{13}, 0.01_2. */
  #numeral(start: number, end: number): Answer | undefined {
    const [cut] = this.#find(start, end, (text) => text === "_");
    if (cut === undefined) return undefined;
    const digits = this.tokens.slice(start, cut).map(({ text }) => text);
    const base = this.tokens.slice(cut + 1, end).filter(({ text }) => text !== "{" && text !== "}");
    const [only] = base;
    if (base.length !== 1 || only?.kind !== "number" || !/^-?(?=[A-Z.]*\d)[\dA-Z.]+$/.test(digits.join("")))
      return undefined;
    const withoutZeros = digits.join("").replace(/^(-?)(?:0+(?=[\dA-Z])|(?=\.))/, (_, sign: string) => sign);
    return { kind: "numeral", digits: withoutZeros.replace(/^(-?)\./, "$10."), base: Number(only.text) };
  }

  #ratioOrValue(start: number, end: number): Answer {
    const cuts = this.#find(start, end, (text) => text === ":");
    if (cuts.length > 0) {
      const pieces = this.#pieces(start, end, cuts);
      const parts = pieces.map(([from, to]) => this.#value(from, to).expression);
      const isTime = /^[0-5]\d$/.test(this.#text(pieces[1]![0]));
      return { kind: "ratio", parts, isTime };
    }
    if (this.tokens.slice(start, end).every(({ kind }) => kind === "text")) {
      return {
        kind: "text",
        words: this.tokens
          .slice(start, end)
          .map(({ text }) => text)
          .join(" "),
      };
    }
    if (this.#find(start, end, isPlusMinus).length === 0 && !this.#hasPlusMinusInside(start, end)) {
      return this.#value(start, end);
    }
    const items = ([1, -1] as const).map((sign) => this.#value(start, end, sign));
    return { kind: "list", items, isInBraces: false, isAlternative: false };
  }

  #hasPlusMinusInside(start: number, end: number): boolean {
    return this.tokens.slice(start, end).some(({ kind, text }) => kind === "mark" && isPlusMinus(text));
  }

  #value(start: number, end: number, sign: 1 | -1 = 1): Value {
    return parseValue({ tokens: this.tokens, brackets: this.#brackets, start, end }, sign, this.budget);
  }
}

function isPlusMinus(text: string): boolean {
  return text === "\\pm" || text === "\\mp";
}

function valueOf(expression: Expression): Value {
  return { kind: "value", expression, isPercent: false, unit: undefined };
}

function listInBraces(items: readonly Answer[]): Answer {
  return { kind: "list", items, isInBraces: true, isAlternative: false };
}

/** The items of a list inside a list are items of that list. */
function itemsOf(answer: Answer): readonly Answer[] {
  return answer.kind === "list" && !answer.isInBraces ? answer.items : [answer];
}
