import type { Answer, Value } from "./answer.js";
import { ExpressionComparer } from "./compare-expressions.js";
import { type Expression, variablesOf } from "./expression.js";
import { compareRealSets } from "./real-set.js";
import type { Budget } from "./undecided.js";
import { decide, EXACT, every, type MathVerification, OTHER_FORM, OTHER_VALUE, some, undecided } from "./verdict.js";

const MAX_ITEMS = 60;
const HUNDREDTH: Expression = { kind: "number", value: { n: 1n, d: 100n } };
const RADIANS_PER_DEGREE: Expression = {
  kind: "quotient",
  numerator: { kind: "symbol", name: "pi" },
  denominator: { kind: "number", value: { n: 180n, d: 1n } },
};

/** Do two answers say the same? @throws Undecided when the budget is used up. */
export function compareAnswers(a: Answer, b: Answer, budget: Budget): MathVerification {
  return new AnswerComparer(budget).compare(a, b);
}

class AnswerComparer {
  readonly #expressions: ExpressionComparer;

  constructor(readonly budget: Budget) {
    this.#expressions = new ExpressionComparer(budget);
  }

  compare(a: Answer, b: Answer): MathVerification {
    this.budget.spend(1);
    return decide(() => this.#sameKind(a, b) ?? this.#otherKind(a, b) ?? this.#otherKind(b, a) ?? OTHER_FORM);
  }

  /** `undefined` where the forms differ. */
  #sameKind(a: Answer, b: Answer): MathVerification | undefined {
    if (a.kind === "value" && b.kind === "value") return this.#values(a, b);
    if (a.kind === "tuple" && b.kind === "tuple") return this.#tuples(a, b);
    if (a.kind === "list" && b.kind === "list") return this.#unordered(a, b);
    if (a.kind === "union" && b.kind === "union") return this.#unions(a, b);
    if (a.kind === "equation" && b.kind === "equation") return this.#equations(a, b);
    if (a.kind === "inequality" && b.kind === "inequality") return this.#inequalities(a, b);
    if (a.kind === "membership" && b.kind === "membership") {
      return every([this.#expressions.equal(a.name, b.name), this.compare(a.set, b.set)]);
    }
    if (a.kind === "matrix" && b.kind === "matrix") {
      const isSameShape =
        a.rows.length === b.rows.length && a.rows.every((row, at) => row.length === b.rows[at]!.length);
      return isSameShape ? this.#expressionsInOrder(a.rows.flat(), b.rows.flat()) : OTHER_FORM;
    }
    if (a.kind === "ratio" && b.kind === "ratio") return this.#ratios(a, b);
    if (a.kind === "numeral" && b.kind === "numeral") {
      return a.base === b.base && a.digits === b.digits ? EXACT : OTHER_VALUE;
    }
    return a.kind === "text" && b.kind === "text" ? compareWords(a.words, b.words) : undefined;
  }

  /** Forms that can mean the same by a rule, in one order; `undefined` for all others. */
  #otherKind(a: Answer, b: Answer): MathVerification | undefined {
    if (a.kind === "equation" && b.kind === "value") {
      // x = 5 for 5
      if (isLabel(a.left)) return this.#values(a.right, b);
      if (isLabel(a.right.expression)) return this.#expressions.equal(a.left, b.expression);
      return undecided("other-form");
    }
    if (a.kind === "membership") return this.compare(a.set, b);
    if (a.kind === "list" && b.kind !== "list") {
      if (a.items.length === 1) return this.compare(a.items[0]!, b);
      if (b.kind === "tuple" && a.items.length === b.items.length) {
        const inOrder = this.#inOrder(a.items, b.items);
        if (!a.isInBraces && inOrder.verdict === "equivalent") return undecided("other-form");
      }
    }
    if (a.kind === "tuple" && b.kind === "matrix") {
      const isVector = b.rows.length === 1 || b.rows.every((row) => row.length === 1);
      const entries = b.rows.flat();
      if (!isVector || entries.length !== a.items.length) return OTHER_FORM;
      return this.#inOrder(a.items, entries.map(plainValue));
    }
    if (a.kind === "numeral" && b.kind === "value") {
      const digits: Expression = { kind: "number", value: { n: BigInt(/^\d+$/.exec(a.digits)?.[0] ?? 0), d: 1n } };
      return this.#expressions.equal(digits, b.expression).verdict === "equivalent"
        ? undecided("other-form")
        : OTHER_FORM;
    }
    if (a.kind === "ratio" && b.kind === "value" && a.parts.length === 2 && !a.isTime) {
      const [numerator, denominator] = a.parts as [Expression, Expression];
      const quotient = this.#expressions.equal({ kind: "quotient", numerator, denominator }, b.expression);
      return quotient.verdict === "equivalent" ? undecided("other-form") : OTHER_FORM;
    }
    if (a.kind === "text") {
      if (b.kind === "value" && b.expression.kind === "symbol") return compareWords(a.words, b.expression.name);
      return undecided("other-form");
    }
    return a.kind === "union" || a.kind === "inequality" ? compareRealSets(a, b, this.#expressions) : undefined;
  }

  #values(a: Value, b: Value): MathVerification {
    const plain = this.#expressions.equal(a.expression, b.expression);
    const [unitA, unitB] = [unitOf(a), unitOf(b)];
    if (unitA !== undefined && unitB !== undefined && unitA !== unitB) {
      return plain.verdict === "equivalent" ? OTHER_VALUE : undecided("other-form");
    }
    if (plain.verdict === "equivalent") return plain;
    const scaled = (value: Value, factor: Expression): Expression => {
      return { kind: "product", factors: [value.expression, factor] };
    };
    // 50 % is 50 and 0.5; 90° is 90 and π/2.
    if (a.isPercent !== b.isPercent) {
      const [percent, other] = a.isPercent ? [a, b] : [b, a];
      return some([plain, this.#expressions.equal(scaled(percent, HUNDREDTH), other.expression)]);
    }
    if (isInDegrees(a) !== isInDegrees(b)) {
      const [degrees, other] = isInDegrees(a) ? [a, b] : [b, a];
      return some([plain, this.#expressions.equal(scaled(degrees, RADIANS_PER_DEGREE), other.expression)]);
    }
    return plain;
  }

  #tuples(a: Answer & { kind: "tuple" }, b: Answer & { kind: "tuple" }): MathVerification {
    if (a.items.length !== b.items.length) return OTHER_FORM;
    const items = this.#inOrder(a.items, b.items);
    if (a.open === b.open && a.close === b.close) return items;
    // Of two numbers the brackets make an interval, of more only a vector.
    if (items.verdict === "equivalent") return a.items.length === 2 ? OTHER_FORM : undecided("other-form");
    return items;
  }

  #inOrder(a: readonly Answer[], b: readonly Answer[]): MathVerification {
    return every(a.map((item, at) => this.compare(item, b[at]!)));
  }

  #expressionsInOrder(a: readonly Expression[], b: readonly Expression[]): MathVerification {
    return this.#inOrder(a.map(plainValue), b.map(plainValue));
  }

  #unordered(a: Answer & { kind: "list" }, b: Answer & { kind: "list" }): MathVerification {
    if (a.items.length > MAX_ITEMS || b.items.length > MAX_ITEMS) return undecided("too-long");
    const isSet = a.isInBraces && b.isInBraces;
    return this.#matched(isSet ? this.#distinct(a.items) : a.items, isSet ? this.#distinct(b.items) : b.items);
  }

  /** Each of one side has its own on the other. */
  #matched(a: readonly Answer[], b: readonly Answer[]): MathVerification {
    if (a.length !== b.length) return OTHER_FORM;
    const rest = [...b];
    const found: MathVerification[] = [];
    for (const item of a) {
      const verdicts: MathVerification[] = [];
      for (const other of rest) {
        verdicts.push(this.compare(item, other));
        if (verdicts.at(-1)!.verdict === "equivalent") break;
      }
      const best = some(verdicts);
      if (best.verdict === "different") return best;
      if (best.verdict === "equivalent") rest.splice(verdicts.length - 1, 1);
      found.push(best);
    }
    return every(found);
  }

  #distinct(items: readonly Answer[]): Answer[] {
    const distinct: Answer[] = [];
    for (const item of items) {
      if (!distinct.some((other) => this.compare(item, other).verdict === "equivalent")) distinct.push(item);
    }
    return distinct;
  }

  #unions(a: Answer & { kind: "union" }, b: Answer & { kind: "union" }): MathVerification {
    const byValue = compareRealSets(a, b, this.#expressions);
    if (byValue !== undefined) return byValue;
    if (a.without !== undefined || b.without !== undefined) return undecided("unsupported");
    const pieces = this.#matched(a.pieces, b.pieces);
    return pieces.verdict === "different" ? undecided("other-form") : pieces;
  }

  #equations(a: Answer & { kind: "equation" }, b: Answer & { kind: "equation" }): MathVerification {
    const [left, right] = [difference(a.left, a.right.expression), difference(b.left, b.right.expression)];
    if (variablesOf(left).size === 0 || variablesOf(right).size === 0) return undecided("unsupported");
    if (isLabel(a.left) && isLabel(b.left) && this.#expressions.equal(a.left, b.left).verdict === "equivalent") {
      return this.#values(a.right, b.right);
    }
    const proportional = this.#expressions.proportional(left, right, false);
    const isRenamed =
      (a.left.kind === "call" || b.left.kind === "call") && this.#values(a.right, b.right).verdict === "equivalent";
    // f(x) = 2x for y = 2x
    return isRenamed && proportional.verdict === "different" ? undecided("other-form") : proportional;
  }

  #inequalities(a: Answer & { kind: "inequality" }, b: Answer & { kind: "inequality" }): MathVerification {
    const isSameVariable = sameVariables(a.sides, b.sides);
    if (!isSameVariable) return OTHER_VALUE;
    const isSameShape = a.relations.join(" ") === b.relations.join(" ");
    if (isSameShape && a.relations.length === 1 && a.relations[0] !== "\\ne") {
      const [left, right] = [a, b].map(({ sides }) => difference(sides[0]!, sides[1]!));
      return this.#expressions.proportional(left!, right!, true);
    }
    const sets = compareRealSets(a, b, this.#expressions);
    if (sets !== undefined) return sets;
    if (!isSameShape) return a.relations.length === b.relations.length ? OTHER_FORM : undecided("other-form");
    const sides = this.#expressionsInOrder(a.sides, b.sides);
    return sides.verdict === "different" && a.relations.length === 1 ? undecided("other-form") : sides;
  }

  #ratios(a: Answer & { kind: "ratio" }, b: Answer & { kind: "ratio" }): MathVerification {
    if (a.parts.length !== b.parts.length) return OTHER_FORM;
    if (a.isTime || b.isTime) return this.#expressionsInOrder(a.parts, b.parts);
    // a:b = c:d when ad = bc.
    const cross = (x: Expression, y: Expression): Expression => ({ kind: "product", factors: [x, y] });
    return every(
      a.parts.slice(1).map((part, at) => {
        return this.#expressions.equal(cross(a.parts[0]!, b.parts[at + 1]!), cross(b.parts[0]!, part));
      }),
    );
  }
}

/** The name of what is asked for: `x`, `x_1`, `f(x)`. */
function isLabel(expression: Expression): boolean {
  if (expression.kind === "call") return expression.name === "f" || expression.name === "g";
  return expression.kind === "symbol" && variablesOf(expression).size > 0;
}

function difference(left: Expression, right: Expression): Expression {
  return { kind: "sum", terms: [left, { kind: "negation", of: right }] };
}

function plainValue(expression: Expression): Value {
  return { kind: "value", expression, isPercent: false, unit: undefined };
}

function isInDegrees({ expression, unit }: Value): boolean {
  if (unit === "deg") return true;
  return expression.kind === "negation" ? expression.of.kind === "degrees" : expression.kind === "degrees";
}

function unitOf(value: Value): string | undefined {
  return value.unit ?? (value.isPercent ? "%" : isInDegrees(value) ? "deg" : undefined);
}

function sameVariables(a: readonly Expression[], b: readonly Expression[]): boolean {
  const [left, right] = [a, b].map((sides) => {
    const variables = new Set<string>();
    for (const side of sides) variablesOf(side, variables);
    return [...variables].toSorted().join(" ");
  });
  return left === right;
}

/**
 * Words are the same but for case, spaces and punctuation. One in the other may be the same answer said at more length.
 * Of single letters the case may matter.
 */
function compareWords(a: string, b: string): MathVerification {
  const [left, right] = [plainWords(a), plainWords(b)];
  if (left === right && left.length === 1 && !(a.includes(left) === b.includes(left))) return undecided("ambiguous");
  if (left === right) return { verdict: "equivalent", reason: "text" };
  return left.includes(right) || right.includes(left) ? undecided("other-form") : OTHER_VALUE;
}

function plainWords(words: string): string {
  return words.toLowerCase().replaceAll(/[^\p{L}\p{N}:]/gu, "");
}
