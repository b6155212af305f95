import {
  addPolynomials,
  type Atom,
  atomPower,
  constant,
  constantOf,
  type Exponent,
  invertTerm,
  multiplyPolynomials,
  ONE_POLYNOMIAL,
  type Polynomial,
  powPolynomial,
  serialize,
} from "./polynomial.js";
import { bitLength, gcd, integer, multiplyRational, powRational, type Rational, rational } from "./rational.js";
import { type Budget, Undecided } from "./undecided.js";

/** A quotient of polynomials. The denominator is 1 wherever it has one term that can be inverted. */
export interface Fraction {
  readonly numerator: Polynomial;
  readonly denominator: Polynomial;
}

const LARGEST_DIVISOR = 1000;
const MAX_FACTORED_BITS = 256;

/** Exact arithmetic with the atoms of one comparison. */
export class Algebra {
  readonly #atoms = new Map<string, Atom>();

  constructor(readonly budget: Budget) {}

  constant(value: Rational): Fraction {
    return { numerator: constant(value), denominator: ONE_POLYNOMIAL };
  }

  /** A variable, π or e. */
  symbol(name: string): Fraction {
    return whole(atomPower(this.#atom(`symbol ${name}`, { isIndependent: true }), { n: 1, d: 1 }));
  }

  /** A value of which nothing but its name is known. */
  opaque(name: string, args: readonly Fraction[]): Fraction {
    const key = `${name}(${args.map((arg) => this.#key(arg)).join(",")})`;
    return whole(atomPower(this.#atom(key, { isIndependent: false }), { n: 1, d: 1 }));
  }

  imaginaryUnit(): Fraction {
    const atom = this.#atom("i", { base: constant(integer(-1)), isIndependent: true });
    return whole(atomPower(atom, { n: 1, d: 2 }));
  }

  add(a: Fraction, b: Fraction): Fraction {
    const { budget } = this;
    if (a.denominator === b.denominator) {
      return fraction(addPolynomials(a.numerator, b.numerator, budget), a.denominator, budget);
    }
    const numerator = addPolynomials(
      multiplyPolynomials(a.numerator, b.denominator, budget),
      multiplyPolynomials(b.numerator, a.denominator, budget),
      budget,
    );
    return fraction(numerator, multiplyPolynomials(a.denominator, b.denominator, budget), budget);
  }

  negate(a: Fraction): Fraction {
    return this.multiply(a, this.constant(integer(-1)));
  }

  multiply(a: Fraction, b: Fraction): Fraction {
    const { budget } = this;
    const numerator = multiplyPolynomials(a.numerator, b.numerator, budget);
    if (a.denominator === ONE_POLYNOMIAL && b.denominator === ONE_POLYNOMIAL) return whole(numerator);
    return fraction(numerator, multiplyPolynomials(a.denominator, b.denominator, budget), budget);
  }

  /** @throws Undecided for 0. */
  invert({ numerator, denominator }: Fraction): Fraction {
    if (numerator.size === 0) throw new Undecided("not-finite");
    return fraction(denominator, numerator, this.budget);
  }

  /** `a` to the power n/d, in lowest terms. `isRoot`: an odd root of a negative number is real. */
  power(a: Fraction, exponent: Exponent, isRoot = false): Fraction {
    const { n, d } = exponent;
    const value = a.denominator === ONE_POLYNOMIAL ? constantOf(a.numerator) : undefined;
    if (d === 1) {
      if (n < 0) return this.power(this.invert(a), { n: -n, d });
      if (n === 0 && a.numerator.size === 0) throw new Undecided("not-finite");
      if (value !== undefined) return this.constant(powRational(value, n, this.budget));
      const numerator = powPolynomial(a.numerator, n, this.budget);
      if (a.denominator === ONE_POLYNOMIAL) return whole(numerator);
      return fraction(numerator, powPolynomial(a.denominator, n, this.budget), this.budget);
    }
    if (a.numerator.size === 0) {
      if (n < 0) throw new Undecided("not-finite");
      return a;
    }
    if (value !== undefined) {
      const root = this.#rootOfRational(value, exponent, isRoot);
      if (root !== undefined) return root;
    }
    return this.#rootOfPolynomial(a, exponent);
  }

  #rootOfRational(value: Rational, { n, d }: Exponent, isRoot: boolean): Fraction | undefined {
    if (value.n < 0n) {
      const positive = this.#rootOfRational({ n: -value.n, d: value.d }, { n, d }, isRoot);
      if (positive === undefined) return undefined;
      if (d === 2) return this.multiply(positive, this.power(this.imaginaryUnit(), { n, d: 1 }));
      return isRoot && d % 2 === 1 ? (n % 2 === 0 ? positive : this.negate(positive)) : undefined;
    }
    if (bitLength(value.n) + bitLength(value.d) > MAX_FACTORED_BITS) return undefined;
    let root = this.constant(integer(1));
    for (const [number, sign] of [
      [value.n, 1],
      [value.d, -1],
    ] as const) {
      for (const [factor, multiplicity, isPrime] of factorize(number, d, this.budget)) {
        const exponent = multiplicity * sign * n;
        const floor = Math.floor(exponent / d);
        root = this.multiply(root, this.constant(powRational(integer(factor), floor, this.budget)));
        const rest = exponent - floor * d;
        if (rest === 0) continue;
        const atom = this.#radical(constant(integer(factor)), isPrime);
        root = this.multiply(root, whole(atomPower(atom, lowestTerms(rest, d))));
      }
    }
    return root;
  }

  #rootOfPolynomial(a: Fraction, exponent: Exponent): Fraction {
    const { numerator, denominator } = a;
    if (denominator !== ONE_POLYNOMIAL) return this.opaque(`power ${exponent.n}/${exponent.d}`, [a]);
    // A positive factor may leave a root, whatever the branch.
    const content = contentOf(numerator, this.budget);
    const inverse = constant(rational(content.d, content.n, this.budget));
    const primitive = multiplyPolynomials(numerator, inverse, this.budget);
    const outside = this.#rootOfRational(content, exponent, false);
    if (outside === undefined) return this.opaque(`power ${exponent.n}/${exponent.d}`, [a]);
    const [only] = primitive.size === 1 ? [...primitive.values()] : [];
    const [power] = only?.powers.length === 1 && only.coefficient.n === 1n ? only.powers : [];
    if (power !== undefined && power[0].base === undefined && power[1].n === 1 && power[1].d === 1) {
      return this.multiply(outside, whole(atomPower(power[0], exponent)));
    }
    const floor = Math.floor(exponent.n / exponent.d);
    const atom = this.#radical(primitive, false);
    const rest = atomPower(atom, lowestTerms(exponent.n - floor * exponent.d, exponent.d));
    const wholePart = this.power(whole(primitive), { n: floor, d: 1 });
    return this.multiply(this.multiply(outside, wholePart), whole(rest));
  }

  #radical(base: Polynomial, isIndependent: boolean): Atom {
    return this.#atom(`root ${serialize(base, this.budget)}`, { base, isIndependent });
  }

  #atom(key: string, properties: Omit<Atom, "key" | "id">): Atom {
    this.budget.spend(1 + key.length / 16);
    const known = this.#atoms.get(key);
    if (known !== undefined) return known;
    const atom = { key, id: this.#atoms.size, ...properties };
    this.#atoms.set(key, atom);
    return atom;
  }

  #key({ numerator, denominator }: Fraction): string {
    const over = denominator === ONE_POLYNOMIAL ? "" : `/${serialize(denominator, this.budget)}`;
    return serialize(numerator, this.budget) + over;
  }
}

function whole(numerator: Polynomial): Fraction {
  return { numerator, denominator: ONE_POLYNOMIAL };
}

function fraction(numerator: Polynomial, denominator: Polynomial, budget: Budget): Fraction {
  if (denominator.size === 0) throw new Undecided("not-finite");
  if (denominator === ONE_POLYNOMIAL) return whole(numerator);
  const inverse = invertTerm(denominator, budget);
  return inverse === undefined ? { numerator, denominator } : whole(multiplyPolynomials(numerator, inverse, budget));
}

/**
 * Factors of a positive integer with their multiplicities, small primes first. What is left after trial division is prime when it is
 * small enough; else it stands as it is, or as its square root twice.
 */
function factorize(
  value: bigint,
  rootIndex: number,
  budget: Budget,
): (readonly [factor: bigint, multiplicity: number, isPrime: boolean])[] {
  const factors: (readonly [bigint, number, boolean])[] = [];
  let rest = value;
  for (let divisor = 2; divisor <= LARGEST_DIVISOR && rest > 1n; divisor += divisor === 2 ? 1 : 2) {
    budget.spend(1);
    const prime = BigInt(divisor);
    if (prime * prime > rest) break;
    let multiplicity = 0;
    for (; rest % prime === 0n; rest /= prime) multiplicity += 1;
    if (multiplicity > 0) factors.push([prime, multiplicity, true]);
  }
  if (rest === 1n) return factors;
  const isPrime = rest < BigInt(LARGEST_DIVISOR * LARGEST_DIVISOR);
  const root = BigInt(Math.round(Number(rest) ** (1 / rootIndex)));
  if (!isPrime && root ** BigInt(rootIndex) === rest) factors.push([root, rootIndex, false]);
  else factors.push([rest, 1, isPrime]);
  return factors;
}

/** The positive rational that all coefficients are integer multiples of. */
function contentOf(polynomial: Polynomial, budget: Budget): Rational {
  let [n, d] = [0n, 1n];
  for (const { coefficient } of polynomial.values()) {
    n = gcd(n, coefficient.n, budget);
    d = multiplyRational(integer(d), { n: coefficient.d / gcd(d, coefficient.d, budget), d: 1n }, budget).n;
  }
  return rational(n, d, budget);
}

function lowestTerms(n: number, d: number): Exponent {
  let [x, y] = [n, d];
  while (y !== 0) [x, y] = [y, x % y];
  return { n: n / x, d: d / x };
}
