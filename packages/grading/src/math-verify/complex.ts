import { Undecided } from "./undecided.js";

/** A complex number with a bound on its rounding error. */
export interface Complex {
  readonly re: number;
  readonly im: number;
  readonly error: number;
}

/** Several units in the last place: every operation is charged one. */
const UNIT = 2 ** -50;
/** Largest error, relative to the larger value or to 1, at which an agreement counts. */
const MAX_ERROR = 1e-9;
/** Largest error in absolute terms: beyond it a small term beside large ones would not be seen. */
const MAX_ABSOLUTE_ERROR = 1e-4;

/** @param error - What came in; the rounding of the result is added. @throws Undecided when it is not finite. */
export function complex(re: number, im = 0, error = 0): Complex {
  const bound = error + UNIT * (Math.abs(re) + Math.abs(im));
  if (!Number.isFinite(bound)) throw new Undecided("not-finite");
  return { re, im, error: bound };
}

export function add(a: Complex, b: Complex): Complex {
  return complex(a.re + b.re, a.im + b.im, a.error + b.error);
}

export function negate(a: Complex): Complex {
  return { re: -a.re, im: -a.im, error: a.error };
}

export function multiply(a: Complex, b: Complex): Complex {
  const error = size(a) * b.error + size(b) * a.error + a.error * b.error + UNIT * size(a) * size(b);
  return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re, error);
}

/** @throws Undecided for what may be 0. */
export function invert(a: Complex): Complex {
  const length = size(a);
  if (length <= a.error * 4 || length < 1e-150) throw new Undecided("not-finite");
  return complex(a.re / length / length, -a.im / length / length, (2 * a.error) / length / length);
}

export function exp(a: Complex): Complex {
  const length = Math.exp(a.re);
  const error = length * (2 * a.error + UNIT * (1 + Math.abs(a.re) + Math.abs(a.im)));
  return complex(length * Math.cos(a.im), length * Math.sin(a.im), error);
}

/** Principal branch. */
export function ln(a: Complex): Complex {
  const length = size(a);
  if (length <= a.error * 4) throw new Undecided("not-finite");
  // On the cut the sign of a rounding error would decide.
  const im = a.re < 0 && Math.abs(a.im) <= a.error ? Math.PI : Math.atan2(a.im, a.re);
  return complex(Math.log(length), im, (2 * a.error) / length + UNIT);
}

/** Principal branch; 0 to a positive power is 0. */
export function power(base: Complex, exponent: Complex): Complex {
  if (base.re === 0 && base.im === 0) {
    if (exponent.re > 0) return base;
    throw new Undecided("not-finite");
  }
  const isWhole = exponent.im === 0 && Number.isInteger(exponent.re) && Math.abs(exponent.re) <= 64;
  if (!isWhole) return exp(multiply(ln(base), exponent));
  let result = complex(1);
  for (let factor = 0; factor < Math.abs(exponent.re); factor++) result = multiply(result, base);
  return exponent.re < 0 ? invert(result) : result;
}

export function size(a: Complex): number {
  return Math.hypot(a.re, a.im);
}

export function isReal(a: Complex): boolean {
  return Math.abs(a.im) <= a.error;
}

/**
 * Are two values the same as far as their errors tell?
 *
 * @throws Undecided when the errors are too large to say.
 */
export function agree(a: Complex, b: Complex): boolean {
  const error = a.error + b.error;
  if (Math.hypot(a.re - b.re, a.im - b.im) > 8 * error) return false;
  if (error > Math.min(MAX_ABSOLUTE_ERROR, MAX_ERROR * Math.max(1, size(a), size(b))))
    throw new Undecided("not-finite");
  return true;
}
