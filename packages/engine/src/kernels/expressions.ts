import { type Expression, f32, f32x4, type FunctionBuilder, i32x4, type Local } from "../wasm.js";

type V128 = Expression<"v128">;

/** Bytes of one f32, of one 4-lane vector. */
export const F32_BYTES = 4;
export const V128_BYTES = 16;

/** Sum of the four lanes. */
export function sumLanes(body: FunctionBuilder, vector: V128): Expression<"f32"> {
  const pairs = body.let(vector);
  body.set(pairs, f32x4.add(pairs, f32x4.swapHalves(pairs)));
  return f32.add(f32x4.lane(pairs, 0), f32x4.lane(pairs, 1));
}

/** Largest of the four lanes. */
export function maxLane(body: FunctionBuilder, vector: V128): Expression<"f32"> {
  const pairs = body.let(vector);
  body.set(pairs, f32x4.max(pairs, f32x4.swapHalves(pairs)));
  return f32.max(f32x4.lane(pairs, 0), f32x4.lane(pairs, 1));
}

/** Coefficients 1/k! of the Taylor polynomial of e^r, highest power first; |r| ≤ ln 2 / 2 makes its error 5e-9. */
const EXP_COEFFICIENTS = [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1];

/**
 * e^x in every lane, relative error below 2e-7 for x in [-87, 88]; exactly 0 below, clamped above.
 * x = n·ln 2 + r with whole n, so e^x = 2^n · e^r: a polynomial for e^r, n straight into the exponent bits.
 */
export function exp(body: FunctionBuilder, x: V128): Local<"v128"> {
  const exponent = body.let(x);
  const clamped = body.let(f32x4.max(f32x4.const(-87), f32x4.min(f32x4.const(88), exponent)));
  const n = body.let(f32x4.nearest(f32x4.mul(clamped, f32x4.const(Math.LOG2E))));
  // ln 2 in two parts: the first has few digits, so that its product with n is exact.
  const high = 0.693359375;
  const reduced = f32x4.sub(clamped, f32x4.mul(n, f32x4.const(high)));
  const r = body.let(f32x4.sub(reduced, f32x4.mul(n, f32x4.const(Math.LN2 - high))));
  const [leading, ...others] = EXP_COEFFICIENTS;
  const polynomial = body.let(f32x4.const(leading!));
  for (const coefficient of others) {
    body.set(polynomial, f32x4.add(f32x4.mul(polynomial, r), f32x4.const(coefficient)));
  }
  const powerOfTwo = i32x4.shl(i32x4.add(i32x4.truncF32x4(n), i32x4.const(127)), 23);
  const inRange = f32x4.ge(exponent, f32x4.const(-87));
  body.set(polynomial, f32x4.and(f32x4.mul(polynomial, powerOfTwo), inRange));
  return polynomial;
}
