import { Algebra, type Fraction } from "./algebra.js";
import { agree, type Complex, multiply } from "./complex.js";
import { evaluate, type Point } from "./evaluate.js";
import { containsInfinity, type Expression, infinitySign, variablesOf } from "./expression.js";
import { isDecisive, multiplyPolynomials, addPolynomials, constant, type Polynomial } from "./polynomial.js";
import { integer } from "./rational.js";
import { rationalOf, toFraction } from "./to-fraction.js";
import { Budget, Undecided } from "./undecided.js";
import { EXACT, type MathVerification, NUMERIC, OTHER_VALUE, undecided } from "./verdict.js";

const EXACT_STEPS = 20_000;
const MIN_POINTS = 3;
/** At the first points every variable is positive, where roots and logarithms have one meaning. */
const NUM_POSITIVE_POINTS = 4;
const NUM_POINTS = 8;

/** Compares expressions; what is known of one is kept for the next comparison. */
export class ExpressionComparer {
  readonly #budget: Budget;

  /** @param budget - Of the whole comparison of two answers. */
  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Have both the same value wherever both have one? */
  equal(a: Expression, b: Expression): MathVerification {
    const [signA, signB] = [infinitySign(a), infinitySign(b)];
    if (signA !== 0 && signB !== 0) return signA === signB ? EXACT : OTHER_VALUE;
    if (signA !== 0 || signB !== 0) {
      return containsInfinity(signA === 0 ? a : b) ? undecided("not-finite") : OTHER_VALUE;
    }
    return (
      this.#exactly((algebra) => {
        const [x, y] = [toFraction(a, algebra), toFraction(b, algebra)];
        const [p, q] = [rationalOf(x), rationalOf(y)];
        if (p !== undefined && q !== undefined) return p.n === q.n && p.d === q.d ? EXACT : OTHER_VALUE;
        const difference = crossDifference(x.numerator, y.denominator, y.numerator, x.denominator, algebra.budget);
        return difference.size === 0 ? EXACT : isDecisive(difference) ? OTHER_VALUE : undefined;
      }) ?? this.#numerically([a, b], ([x, y]) => agree(x!, y!))
    );
  }

  /**
   * Are the expressions proportional, so that one is 0 where the other is?
   *
   * @param isPositive - The factor must be positive, as for inequalities.
   */
  proportional(a: Expression, b: Expression, isPositive: boolean): MathVerification {
    const exactly = this.#exactly((algebra) => {
      const x = toFraction(a, algebra);
      const y = toFraction(b, algebra);
      return proportionalPolynomials(x, y, isPositive, algebra.budget);
    });
    if (exactly !== undefined) return exactly;
    let first: readonly Complex[] | undefined;
    return this.#numerically([a, b], ([x, y]) => {
      first ??= [x!, y!];
      if (isPositive && x!.re * y!.re < 0) return false;
      return agree(multiply(x!, first[1]!), multiply(y!, first[0]!));
    });
  }

  /** The real value of a constant expression, for ordering; `undefined` when it has none. ±Infinity for ±∞. */
  realValue(expression: Expression): number | undefined {
    const sign = infinitySign(expression);
    if (sign !== 0) return sign * Number.POSITIVE_INFINITY;
    if (variablesOf(expression).size > 0) return undefined;
    try {
      const { re, im, error } = evaluate(expression, pointAt(0), this.#budget);
      return Math.abs(im) <= error ? re : undefined;
    } catch (error) {
      if (error instanceof Undecided && error.reason !== "too-much-work") return undefined;
      throw error;
    }
  }

  /** `undefined` where exact arithmetic cannot decide. */
  #exactly(compare: (algebra: Algebra) => MathVerification | undefined): MathVerification | undefined {
    this.#budget.spend(1);
    try {
      return compare(new Algebra(new Budget(EXACT_STEPS)));
    } catch (error) {
      if (error instanceof Undecided && error.reason === "too-much-work") {
        this.#budget.spend(EXACT_STEPS / 4);
        return undefined;
      }
      throw error;
    }
  }

  #numerically(expressions: readonly Expression[], holds: (values: readonly Complex[]) => boolean): MathVerification {
    const hasVariables = expressions.some((expression) => variablesOf(expression).size > 0);
    let agreements = 0;
    let doubt: Undecided | undefined;
    for (let index = 0; index < (hasVariables ? NUM_POINTS : 1); index++) {
      try {
        const point = pointAt(index);
        const isAgreement = holds(expressions.map((expression) => evaluate(expression, point, this.#budget)));
        // Of values at negative arguments only the branch may differ.
        if (!isAgreement) return index < NUM_POSITIVE_POINTS || agreements === 0 ? OTHER_VALUE : undecided("ambiguous");
        agreements += 1;
      } catch (error) {
        if (!(error instanceof Undecided) || error.reason === "too-much-work") throw error;
        doubt = error;
      }
    }
    if (agreements >= (hasVariables ? MIN_POINTS : 1)) return NUMERIC;
    return undecided(doubt?.reason ?? "not-finite");
  }
}

/** a·b − c·d */
function crossDifference(a: Polynomial, b: Polynomial, c: Polynomial, d: Polynomial, budget: Budget): Polynomial {
  const right = multiplyPolynomials(constant(integer(-1)), multiplyPolynomials(c, d, budget), budget);
  return addPolynomials(multiplyPolynomials(a, b, budget), right, budget);
}

function proportionalPolynomials(
  a: Fraction,
  b: Fraction,
  isPositive: boolean,
  budget: Budget,
): MathVerification | undefined {
  // Denominators matter for the sign only.
  if (isPositive && (a.denominator.size !== 1 || b.denominator.size !== 1)) return undefined;
  const [x, y] = [a.numerator, b.numerator];
  if (x.size === 0 || y.size === 0) return x.size === y.size ? EXACT : OTHER_VALUE;
  const [key] = x.keys();
  const [left, right] = [leadingCoefficient(x, key!), leadingCoefficient(y, key!)];
  // Between other coefficients than rational ones the factor may be irrational, which the terms of one key do not show.
  const isRational = hasOnlyVariables(x) && hasOnlyVariables(y);
  if (right.size === 0) return isRational ? OTHER_VALUE : undefined;
  const difference = crossDifference(x, right, y, left, budget);
  if (difference.size > 0) return isRational ? OTHER_VALUE : undefined;
  if (!isPositive) return EXACT;
  const [numerator, denominator] = [[...left.values()][0]!, [...right.values()][0]!].map((term) => term.coefficient.n);
  return numerator! > 0n === denominator! > 0n ? EXACT : OTHER_VALUE;
}

function leadingCoefficient(polynomial: Polynomial, key: string): Polynomial {
  const term = polynomial.get(key);
  return term === undefined ? constant(integer(0)) : constant(term.coefficient);
}

function hasOnlyVariables(polynomial: Polynomial): boolean {
  for (const { powers } of polynomial.values()) {
    if (!powers.every(([atom]) => atom.isIndependent && atom.base === undefined)) return false;
  }
  return true;
}

/** The same values on every machine, without anything special about them. */
function pointAt(index: number): Point {
  return {
    variable: (name) => {
      let hash = 2166136261 ^ index;
      for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 16777619);
      hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
      hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
      const value = 0.2 + ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 31;
      return index >= NUM_POSITIVE_POINTS && hash % 3 !== 0 ? -value : value;
    },
  };
}
