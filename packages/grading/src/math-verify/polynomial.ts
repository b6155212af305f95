import { addRational, integer, multiplyRational, ONE, type Rational, rational } from "./rational.js";
import { type Budget, Undecided } from "./undecided.js";

/** A quantity that polynomials are made of. Two atoms of one key are the same object. */
export interface Atom {
  readonly key: string;
  /** Order of creation within one comparison. */
  readonly id: number;
  /** Radicals only: what a whole power of the atom is a power of. Its own powers stay in [0, 1). */
  readonly base?: Polynomial;
  /**
   * Variables, π, e, i and roots of primes: a polynomial in them is 0 only when all its coefficients are. (That π and e are
   * independent is believed, not proved.)
   */
  readonly isIndependent: boolean;
}

/** Exponent of an atom, in lowest terms. */
export interface Exponent {
  readonly n: number;
  readonly d: number;
}

/** A coefficient times powers of atoms, which are sorted by id; no exponent is 0. */
interface Term {
  readonly coefficient: Rational;
  readonly powers: readonly (readonly [atom: Atom, exponent: Exponent])[];
}

/** Terms by the text of their powers; no coefficient is 0. The empty map is 0. */
export type Polynomial = ReadonlyMap<string, Term>;

const MAX_EXPONENT = 1e6;

const ZERO_POLYNOMIAL: Polynomial = new Map();

export function constant(value: Rational): Polynomial {
  return value.n === 0n ? ZERO_POLYNOMIAL : new Map([["", { coefficient: value, powers: [] }]]);
}

export const ONE_POLYNOMIAL: Polynomial = constant(ONE);

/** The atom to a power in its allowed range. */
export function atomPower(atom: Atom, exponent: Exponent, coefficient: Rational = ONE): Polynomial {
  const powers = [[atom, exponent] as const];
  return new Map([[keyOf(powers), { coefficient, powers }]]);
}

export function addPolynomials(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  const sum = new Map(a.size >= b.size ? a : b);
  budget.spend(a.size + b.size);
  for (const [key, term] of a.size >= b.size ? b : a) addTerm(sum, key, term, budget);
  return sum;
}

export function multiplyPolynomials(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  let product = new Map<string, Term>();
  for (const left of a.values()) {
    for (const right of b.values()) {
      budget.spend(2 + left.powers.length + right.powers.length);
      const coefficient = multiplyRational(left.coefficient, right.coefficient, budget);
      const { powers, folded } = multiplyPowers(left.powers, right.powers, budget);
      const term = { coefficient, powers };
      if (folded === undefined) {
        addTerm(product, keyOf(powers), term, budget);
      } else {
        const rest: Polynomial = new Map([[keyOf(powers), term]]);
        product = addPolynomials(product, multiplyPolynomials(rest, folded, budget), budget) as Map<string, Term>;
      }
    }
  }
  return product;
}

/** Whole powers ≥ 0. */
export function powPolynomial(base: Polynomial, exponent: number, budget: Budget): Polynomial {
  let [power, square] = [ONE_POLYNOMIAL, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiplyPolynomials(power, square, budget);
    if (rest > 1) square = multiplyPolynomials(square, square, budget);
  }
  return power;
}

/** 1 / polynomial, if it has one term and no radical of a sum in it; else `undefined`. */
export function invertTerm(polynomial: Polynomial, budget: Budget): Polynomial | undefined {
  if (polynomial.size !== 1) return undefined;
  const { coefficient, powers } = [...polynomial.values()][0]!;
  let inverse = constant(rational(coefficient.d, coefficient.n, budget));
  for (const [atom, { n, d }] of powers) {
    const base = atom.base === undefined ? undefined : constantOf(atom.base);
    if (atom.base !== undefined && base === undefined) return undefined;
    // b^(-n/d) = b^(1 - n/d) / b keeps the powers of radicals in range.
    const power =
      base === undefined
        ? atomPower(atom, { n: -n, d })
        : atomPower(atom, { n: d - n, d }, rational(base.d, base.n, budget));
    inverse = multiplyPolynomials(inverse, power, budget);
  }
  return inverse;
}

/** The value of a polynomial without atoms, else `undefined`. */
export function constantOf(polynomial: Polynomial): Rational | undefined {
  if (polynomial.size === 0) return integer(0);
  return polynomial.size === 1 ? polynomial.get("")?.coefficient : undefined;
}

/** Is the polynomial 0 exactly when it has no term? */
export function isDecisive(polynomial: Polynomial): boolean {
  for (const { powers } of polynomial.values()) {
    if (!powers.every(([atom]) => atom.isIndependent)) return false;
  }
  return true;
}

/** The same text for the same polynomial, whatever order it was made in. */
export function serialize(polynomial: Polynomial, budget: Budget): string {
  budget.spend(polynomial.size * 4);
  return [...polynomial]
    .map(([key, { coefficient }]) => `${coefficient.n}/${coefficient.d}*${key}`)
    .toSorted()
    .join("+");
}

function addExponents(a: Exponent, b: Exponent): Exponent {
  const [n, d] = [a.n * b.d + b.n * a.d, a.d * b.d];
  let [x, y] = [Math.abs(n), d];
  while (y !== 0) [x, y] = [y, x % y];
  if (Math.abs(n) > MAX_EXPONENT * d || d > MAX_EXPONENT) throw new Undecided("too-much-work");
  return { n: n / x, d: d / x };
}

/** Powers of the product, and what whole powers of radicals amount to. */
function multiplyPowers(
  a: Term["powers"],
  b: Term["powers"],
  budget: Budget,
): { readonly powers: Term["powers"]; readonly folded?: Polynomial } {
  if (a.length === 0 || b.length === 0) return { powers: a.length === 0 ? b : a };
  const powers: (readonly [Atom, Exponent])[] = [];
  let folded: Polynomial | undefined;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || (right !== undefined && right[0].id < left[0].id)) {
      powers.push(right!);
      j += 1;
    } else if (right === undefined || left[0].id < right[0].id) {
      powers.push(left);
      i += 1;
    } else {
      const [atom] = left;
      let exponent = addExponents(left[1], right[1]);
      if (atom.base !== undefined && exponent.n >= exponent.d) {
        exponent = addExponents(exponent, { n: -1, d: 1 });
        folded = folded === undefined ? atom.base : multiplyPolynomials(folded, atom.base, budget);
      }
      if (exponent.n !== 0) powers.push([atom, exponent]);
      i += 1;
      j += 1;
    }
  }
  return folded === undefined ? { powers } : { powers, folded };
}

function addTerm(into: Map<string, Term>, key: string, term: Term, budget: Budget): void {
  const before = into.get(key);
  if (before === undefined) {
    if (term.coefficient.n !== 0n) into.set(key, term);
    return;
  }
  const coefficient = addRational(before.coefficient, term.coefficient, budget);
  if (coefficient.n === 0n) into.delete(key);
  else into.set(key, { coefficient, powers: term.powers });
}

function keyOf(powers: Term["powers"]): string {
  return powers.map(([atom, { n, d }]) => `${atom.id}^${n}/${d}`).join(" ");
}
