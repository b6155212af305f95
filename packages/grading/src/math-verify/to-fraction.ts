import type { Algebra, Fraction } from "./algebra.js";
import type { Exponent } from "./polynomial.js";
import { constantOf, ONE_POLYNOMIAL } from "./polynomial.js";
import type { Expression } from "./expression.js";
import { TRIGONOMETRIC } from "./expression.js";
import { integer, type Rational, rational } from "./rational.js";
import { Undecided } from "./undecided.js";

const MAX_ROOT = 1000n;
const MAX_POWER = 1_000_000n;
const MAX_FACTORIAL = 3000n;

/**
 * The exact form of an expression: a quotient of polynomials over variables, constants, radicals and function values.
 *
 * @param inRadians - Inside a trigonometric function, where degrees are converted.
 * @throws Undecided
 */
export function toFraction(expression: Expression, algebra: Algebra, inRadians = false): Fraction {
  const convert = (child: Expression) => toFraction(child, algebra, inRadians);
  algebra.budget.spend(1);
  switch (expression.kind) {
    case "number":
      return algebra.constant(expression.value);
    case "symbol":
      if (expression.name === "infinity") throw new Undecided("not-finite");
      return expression.name === "i" ? algebra.imaginaryUnit() : algebra.symbol(expression.name);
    case "sum":
      return expression.terms.map(convert).reduce((a, b) => algebra.add(a, b));
    case "product":
      return expression.factors.map(convert).reduce((a, b) => algebra.multiply(a, b));
    case "quotient":
      return algebra.multiply(convert(expression.numerator), algebra.invert(convert(expression.denominator)));
    case "negation":
      return algebra.negate(convert(expression.of));
    case "root":
      return algebra.power(convert(expression.radicand), { n: 1, d: expression.index }, true);
    case "degrees": {
      const angle = convert(expression.of);
      if (!inRadians) return angle;
      return algebra.multiply(algebra.multiply(angle, algebra.symbol("pi")), algebra.constant({ n: 1n, d: 180n }));
    }
    case "power": {
      const base = convert(expression.base);
      const exponent = convert(expression.exponent);
      const small = smallExponent(rationalOf(exponent));
      // (-8)^{1/3}: real or principal?
      if (small !== undefined && small.d % 2 === 1 && small.d > 1 && (rationalOf(base)?.n ?? 0n) < 0n) {
        throw new Undecided("ambiguous");
      }
      return small === undefined ? algebra.opaque("power", [base, exponent]) : algebra.power(base, small);
    }
    case "call":
  }
  const { name } = expression;
  const args = expression.args.map((arg) => toFraction(arg, algebra, TRIGONOMETRIC.has(name)));
  const value = rationalCall(name, args.map(rationalOf), algebra);
  return value === undefined ? algebra.opaque(name, args) : algebra.constant(value);
}

/** The value of a fraction without atoms, else `undefined`. */
export function rationalOf({ numerator, denominator }: Fraction): Rational | undefined {
  return denominator === ONE_POLYNOMIAL ? constantOf(numerator) : undefined;
}

function smallExponent(value: Rational | undefined): Exponent | undefined {
  if (value === undefined || value.d > MAX_ROOT) return undefined;
  if (value.n > MAX_POWER || value.n < -MAX_POWER) throw new Undecided("too-much-work");
  return { n: Number(value.n), d: Number(value.d) };
}

/** The value of a function that takes rationals to rationals. */
function rationalCall(name: string, args: readonly (Rational | undefined)[], algebra: Algebra): Rational | undefined {
  const [x, k] = args;
  if (x === undefined) return undefined;
  if (name === "abs") return x.n < 0n ? { n: -x.n, d: x.d } : x;
  const floor = x.n >= 0n ? x.n / x.d : -((-x.n + x.d - 1n) / x.d);
  if (name === "floor") return integer(floor);
  if (name === "ceil") return integer(x.d === 1n ? x.n : floor + 1n);
  if (name === "factorial") return isCount(x) ? product(1n, x.n, algebra) : undefined;
  if (name === "binom" && k !== undefined && isCount(x) && isCount(k) && k.n <= x.n) {
    const { n: top } = product(x.n - k.n + 1n, x.n, algebra);
    return rational(top, product(1n, k.n, algebra).n, algebra.budget);
  }
  return undefined;
}

function isCount({ n, d }: Rational): boolean {
  return d === 1n && n >= 0n && n <= MAX_FACTORIAL;
}

function product(first: bigint, last: bigint, algebra: Algebra): Rational {
  let value = 1n;
  for (let factor = first; factor <= last; factor++) {
    algebra.budget.spend(2);
    value *= factor;
  }
  return integer(value);
}
