import { FUNCTIONS } from "./commands.js";
import type { Expression } from "./expression.js";
import { parseNumber } from "./parse-number.js";
import { addRational, divideRational, type Rational } from "./rational.js";
import type { TokenCursor } from "./token-cursor.js";
import { type Budget, Undecided } from "./undecided.js";

const MAX_DEPTH = 50;
const MAX_ROOT_INDEX = 100;
const INVERSES: ReadonlyMap<string, string> = new Map([
  ["sin", "arcsin"],
  ["cos", "arccos"],
  ["tan", "arctan"],
]);
/** Constants by their letter or command. */
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["\\pi", "pi"],
  ["\\infty", "infinity"],
]);
/** What can stand between two factors without an operator, and starts one. */
const OPENING = new Set([
  "(",
  "[",
  "{",
  "\\frac",
  "\\sqrt",
  "\\surd",
  "\\binom",
  "\\pi",
  "\\infty",
  "\\lfloor",
  "\\lceil",
  "|",
]);

/**
 * Parses one scalar expression of a token range by recursive descent.
 *
 * sum = [±] product {(+|−) product} · product = factor {[*|/] factor} · factor = primary [! | ^exponent]
 */
export class ExpressionParser {
  readonly #cursor: TokenCursor;
  readonly #budget: Budget;
  /** What `\pm` stands for. */
  readonly #sign: 1 | -1;
  #depth = 0;
  /** Inside `|…|`, where a bar closes. */
  #isInBars = false;

  constructor(cursor: TokenCursor, sign: 1 | -1, budget: Budget) {
    this.#cursor = cursor;
    this.#sign = sign;
    this.#budget = budget;
  }

  /** @throws Undecided when the whole range is no expression. */
  parse(): Expression {
    const expression = this.#sum();
    if (this.#cursor.next !== undefined) throw new Undecided("unsupported");
    return expression;
  }

  #takeSign(): 1 | -1 | undefined {
    if (this.#cursor.take("+")) return 1;
    if (this.#cursor.take("-")) return -1;
    if (this.#cursor.take("\\pm")) return this.#sign;
    return this.#cursor.take("\\mp") ? (-this.#sign as 1 | -1) : undefined;
  }

  #sum(): Expression {
    if (++this.#depth > MAX_DEPTH) throw new Undecided("too-deep");
    const terms: Expression[] = [];
    let sign = this.#takeSign() ?? 1;
    for (let next: 1 | -1 | undefined = sign; next !== undefined; next = this.#takeSign()) {
      sign = next;
      const term = this.#product();
      terms.push(sign === 1 ? term : { kind: "negation", of: term });
    }
    this.#depth -= 1;
    return terms.length === 1 ? terms[0]! : { kind: "sum", terms };
  }

  #product(): Expression {
    let factors = [this.#factor()];
    let isAfterSlash = false;
    for (;;) {
      this.#budget.spend(1);
      if (this.#cursor.take("*")) {
        isAfterSlash = false;
        factors.push(this.#signedFactor());
      } else if (this.#cursor.take("/")) {
        const denominator = this.#signedFactor();
        factors = [{ kind: "quotient", numerator: productOf(factors), denominator }];
        isAfterSlash = true;
      } else if (this.#startsFactor()) {
        if (isAfterSlash) throw new Undecided("ambiguous");
        this.#implicitFactor(factors);
      } else {
        return productOf(factors);
      }
    }
  }

  /** A factor without an operator before it: multiplied, or the fraction of a mixed number. */
  #implicitFactor(factors: Expression[]): void {
    const before = this.#cursor.peek(-1)!;
    const next = this.#cursor.next!;
    const last = factors.at(-1)!;
    const followsWhole = before.kind === "number" && last.kind === "number" && last.value.d === 1n;
    if (next.kind === "number") {
      // 2 1/3, but neither x2 nor 2 3.
      const isMixed = followsWhole && next.isSpaced && this.#cursor.peek(1)?.text === "/";
      if (isMixed) {
        const numerator = this.#number();
        this.#cursor.skip(1);
        if (this.#cursor.next?.kind !== "number") throw new Undecided("ambiguous");
        factors[factors.length - 1] = this.#mixed(last, divideRational(numerator, this.#number(), this.#budget));
        if (this.#startsFactor()) throw new Undecided("ambiguous");
        return;
      }
      if (before.kind !== "mark" || before.text === "!") throw new Undecided("ambiguous");
    }
    const factor = this.#factor();
    const fraction = next.text === "\\frac" && followsWhole ? plainFraction(factor, this.#budget) : undefined;
    if (fraction === undefined) factors.push(factor);
    else factors[factors.length - 1] = this.#mixed(last, fraction);
  }

  #mixed(whole: Expression, fraction: Rational): Expression {
    if (whole.kind !== "number" || fraction.n >= fraction.d) throw new Undecided("ambiguous");
    return { kind: "number", value: addRational(whole.value, fraction, this.#budget) };
  }

  #startsFactor(): boolean {
    const next = this.#cursor.next;
    if (next === undefined || next.kind === "text") return false;
    if (next.kind !== "mark") return true;
    if (next.text === "|" && this.#isInBars) return false;
    return OPENING.has(next.text) || FUNCTIONS.has(next.text.slice(1));
  }

  #signedFactor(): Expression {
    const sign = this.#takeSign();
    const factor = this.#factor();
    return sign === -1 ? { kind: "negation", of: factor } : factor;
  }

  #factor(): Expression {
    if (++this.#depth > MAX_DEPTH) throw new Undecided("too-deep");
    const factor = this.#postfix(this.#primary());
    this.#depth -= 1;
    return factor;
  }

  #postfix(primary: Expression): Expression {
    let base = primary;
    if (this.#cursor.take("!")) {
      if (this.#cursor.isAt("!")) throw new Undecided("unsupported");
      base = { kind: "call", name: "factorial", args: [base] };
    }
    if (this.#cursor.take("\\circ")) return { kind: "degrees", of: base };
    if (!this.#cursor.take("^")) return base;
    if (this.#takeDegreeSign()) return { kind: "degrees", of: base };
    const exponent = this.#exponent();
    if (this.#cursor.isAt("^") || this.#cursor.isAt("!")) throw new Undecided("ambiguous");
    const power: Expression = { kind: "power", base, exponent };
    return this.#cursor.take("\\circ") ? { kind: "degrees", of: power } : power;
  }

  #takeDegreeSign(): boolean {
    if (this.#cursor.take("\\circ")) return true;
    const isBraced = this.#cursor.peek(1)?.text === "\\circ" && this.#cursor.peek(2)?.text === "}";
    if (!this.#cursor.isAt("{") || !isBraced) return false;
    this.#cursor.skip(3);
    return true;
  }

  #exponent(): Expression {
    if (this.#cursor.isAt("{")) return this.#group();
    const sign = this.#takeSign();
    const exponent = this.#primary();
    return sign === -1 ? { kind: "negation", of: exponent } : exponent;
  }

  #primary(): Expression {
    while (this.#cursor.take("\\$"));
    const token = this.#cursor.next;
    if (token === undefined || token.kind === "text") throw new Undecided("unsupported");
    this.#budget.spend(2);
    if (token.kind === "number") return { kind: "number", value: this.#number() };
    if (token.kind === "letter") return this.#symbol();
    const { text } = token;
    if (text === "(" || text === "[" || text === "{") return this.#group();
    this.#cursor.skip(1);
    const constant = SYMBOLS.get(text);
    if (constant !== undefined) return { kind: "symbol", name: constant };
    if (text === "\\frac") return { kind: "quotient", numerator: this.#argument(), denominator: this.#argument() };
    if (text === "\\binom") return { kind: "call", name: "binom", args: [this.#argument(), this.#argument()] };
    if (text === "\\sqrt") return this.#root();
    if (text === "\\surd") return { kind: "root", radicand: this.#primary(), index: 2 };
    if (text === "\\lfloor" || text === "\\lceil") {
      const argument = this.#until(text === "\\lfloor" ? "\\rfloor" : "\\rceil", false);
      return { kind: "call", name: text === "\\lfloor" ? "floor" : "ceil", args: [argument] };
    }
    if (text === "|") return { kind: "call", name: "abs", args: [this.#until("|", true)] };
    if (FUNCTIONS.has(text.slice(1))) return this.#call(text.slice(1));
    throw new Undecided("unsupported");
  }

  #number(): Rational {
    const { text, repeating } = this.#cursor.next!;
    this.#cursor.skip(1);
    return parseNumber(text, repeating, this.#budget);
  }

  /** A letter with its subscript and primes; `f(…)` and `g(…)` are calls. */
  #symbol(): Expression {
    const { text } = this.#cursor.next!;
    this.#cursor.skip(1);
    let name = text;
    if (this.#cursor.take("_")) {
      const subscript = this.#cursor.takeArgument().map((token) => token.text);
      name += `_${subscript.filter((part) => part !== "{" && part !== "}").join("")}`;
    }
    while (this.#cursor.take("'")) name += "'";
    if ((name === "f" || name === "g") && this.#cursor.isAt("(")) {
      return { kind: "call", name, args: [this.#group()] };
    }
    return { kind: "symbol", name };
  }

  /** What stands in the brackets here. */
  #group(): Expression {
    const isInBars = this.#isInBars;
    this.#isInBars = false;
    const inside = this.#cursor.inside(() => this.#sum());
    this.#isInBars = isInBars;
    return inside;
  }

  #until(close: string, isInBars: boolean): Expression {
    const outer = this.#isInBars;
    this.#isInBars = isInBars;
    const inside = this.#sum();
    this.#isInBars = outer;
    if (!this.#cursor.take(close)) throw new Undecided("unsupported");
    return inside;
  }

  /** An argument of a command: braces, or one token. */
  #argument(): Expression {
    const token = this.#cursor.next;
    if (token?.kind === "number" && token.text.length > 1) throw new Undecided("ambiguous");
    if (token?.kind === "letter") {
      this.#cursor.skip(1);
      return { kind: "symbol", name: token.text };
    }
    return this.#primary();
  }

  #root(): Expression {
    let index = 2;
    if (this.#cursor.isAt("[")) {
      const value = this.#group();
      index = value.kind === "number" && value.value.d === 1n ? Number(value.value.n) : 0;
      if (index < 2 || index > MAX_ROOT_INDEX) throw new Undecided("unsupported");
    }
    return { kind: "root", radicand: this.#argument(), index };
  }

  #call(name: string): Expression {
    let args: Expression[] = [];
    let exponent: Expression | undefined;
    let called = name;
    if (name === "log" && this.#cursor.take("_")) args = [this.#cursor.isAt("{") ? this.#group() : this.#argument()];
    if (this.#cursor.take("^")) {
      exponent = this.#exponent();
      const inverse = INVERSES.get(name);
      if (exponent.kind === "negation") {
        if (inverse === undefined || exponent.of.kind !== "number" || exponent.of.value.n !== 1n) {
          throw new Undecided("ambiguous");
        }
        [called, exponent] = [inverse, undefined];
      }
    }
    const argument = this.#functionArgument();
    const call: Expression =
      name === "exp"
        ? { kind: "power", base: { kind: "symbol", name: "e" }, exponent: argument }
        : { kind: "call", name: called, args: [argument, ...args] };
    return exponent === undefined ? call : { kind: "power", base: call, exponent };
  }

  /** A bracket, or the factors up to an operator or the next function: `\sin 2x \cos x`. */
  #functionArgument(): Expression {
    if (this.#cursor.isAt("(") || this.#cursor.isAt("{") || this.#cursor.isAt("[")) {
      const argument = this.#group();
      if (this.#cursor.isAt("^")) throw new Undecided("ambiguous");
      if (this.#cursor.take("\\circ")) return { kind: "degrees", of: argument };
      return argument;
    }
    const factors = [this.#factor()];
    while (this.#startsFactor() && !FUNCTIONS.has(this.#cursor.next!.text.slice(1))) this.#implicitFactor(factors);
    if (this.#cursor.isAt("/") || this.#cursor.isAt("*")) throw new Undecided("ambiguous");
    return productOf(factors);
  }
}

function productOf(factors: readonly Expression[]): Expression {
  return factors.length === 1 ? factors[0]! : { kind: "product", factors };
}

/** The value of a fraction of two numbers as they stand, else `undefined`. */
function plainFraction(expression: Expression, budget: Budget): Rational | undefined {
  if (expression.kind !== "quotient") return undefined;
  const { numerator, denominator } = expression;
  if (numerator.kind !== "number" || denominator.kind !== "number") return undefined;
  return divideRational(numerator.value, denominator.value, budget);
}
