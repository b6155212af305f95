import { type Budget, Undecided } from "./undecided.js";

/** An exact fraction in lowest terms; the denominator is positive. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

const MAX_BITS = 1 << 15;
const SMALL = 1n << 60n;

const ZERO: Rational = { n: 0n, d: 1n };
export const ONE: Rational = { n: 1n, d: 1n };

/** @throws Undecided for a zero denominator. */
export function rational(n: bigint, d: bigint, budget: Budget): Rational {
  if (d === 0n) throw new Undecided("not-finite");
  if (n === 0n) return ZERO;
  if (d === 1n) return { n: checked(n, budget), d };
  const divisor = gcd(checked(n, budget), checked(d, budget), budget);
  const signed = d < 0n ? -divisor : divisor;
  return { n: n / signed, d: d / signed };
}

export function integer(value: number | bigint): Rational {
  return { n: BigInt(value), d: 1n };
}

export function addRational(a: Rational, b: Rational, budget: Budget): Rational {
  if (a.d === 1n && b.d === 1n) return { n: checked(a.n + b.n, budget), d: 1n };
  return rational(a.n * b.d + b.n * a.d, a.d * b.d, budget);
}

export function multiplyRational(a: Rational, b: Rational, budget: Budget): Rational {
  return rational(a.n * b.n, a.d * b.d, budget);
}

/** @throws Undecided for a zero divisor. */
export function divideRational(a: Rational, b: Rational, budget: Budget): Rational {
  return multiplyRational(a, rational(b.d, b.n, budget), budget);
}

/** @throws Undecided when the power has more digits than the limit. */
export function powRational(base: Rational, exponent: number, budget: Budget): Rational {
  if (exponent < 0) return powRational(rational(base.d, base.n, budget), -exponent, budget);
  const bits = Math.max(bitLength(base.n), bitLength(base.d));
  if (bits > 1 && bits * exponent > MAX_BITS) throw new Undecided("too-much-work");
  budget.spend(1 + (bits * exponent) / 32);
  return { n: base.n ** BigInt(exponent), d: base.d ** BigInt(exponent) };
}

export function toNumber({ n, d }: Rational): number {
  const quotient = Number(n) / Number(d);
  if (Number.isFinite(quotient) && (quotient !== 0 || n === 0n)) return quotient;
  // Both too large for a double: drop the same number of bits from each.
  const shift = BigInt(Math.max(0, Math.min(bitLength(n), bitLength(d)) - 64));
  return Number(n >> shift) / Number(d >> shift);
}

export function gcd(a: bigint, b: bigint, budget: Budget): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const cost = x < SMALL && y < SMALL ? 0 : (bitLength(x) + bitLength(y)) / 512;
  for (; y !== 0n; [x, y] = [y, x % y]) budget.spend(cost);
  return x;
}

export function bitLength(value: bigint): number {
  const size = value < 0n ? -value : value;
  return size < SMALL ? Math.ceil(Math.log2(Number(size) + 1)) : size.toString(16).length * 4;
}

/** Charge for a number, and refuse one that is too long. */
function checked(value: bigint, budget: Budget): bigint {
  if (value < SMALL && value > -SMALL) {
    budget.spend(1);
    return value;
  }
  const bits = bitLength(value);
  if (bits > MAX_BITS) throw new Undecided("too-much-work");
  budget.spend(1 + bits / 64);
  return value;
}
