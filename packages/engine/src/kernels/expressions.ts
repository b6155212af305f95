import { type Expression, f32, f32x4, type FunctionBuilder, i32x4, type Local } from "../wasm.js";

type V128 = Expression<"v128">;
type Lanes = Local<"v128">;

/** Bytes of one f32, of one 4-lane vector. */
export const F32_BYTES = 4;
export const V128_BYTES = 16;

/** Sum of the four lanes. */
export function sumLanes(body: FunctionBuilder, vector: V128): Expression<"f32"> {
  const pairs = body.let(vector);
  body.set(pairs, f32x4.add(pairs, f32x4.swapHalves(pairs)));
  return f32.add(f32x4.lane(pairs, 0), f32x4.lane(pairs, 1));
}

/** The sum of the lanes of each of four vectors, added up in the order of {@link sumLanes}. */
export function sumEach(body: FunctionBuilder, [a, b, c, d]: readonly [Lanes, Lanes, Lanes, Lanes]): V128 {
  /** Lanes 0 and 2, then 1 and 3, of `first` and `second` in turn. */
  const pairs = (first: Lanes, second: Lanes): Lanes =>
    body.let(f32x4.add(f32x4.shuffle(first, second, [0, 4, 1, 5]), f32x4.shuffle(first, second, [2, 6, 3, 7])));
  const [ab, cd] = [pairs(a, b), pairs(c, d)];
  return f32x4.add(f32x4.shuffle(ab, cd, [0, 1, 4, 5]), f32x4.shuffle(ab, cd, [2, 3, 6, 7]));
}

/** Largest of the four lanes. */
export function maxLane(body: FunctionBuilder, vector: V128): Expression<"f32"> {
  const pairs = body.let(vector);
  body.set(pairs, f32x4.pmax(pairs, f32x4.swapHalves(pairs)));
  return f32.max(f32x4.lane(pairs, 0), f32x4.lane(pairs, 1));
}

/** Coefficients 1/k! of the Taylor polynomial of e^r, lowest power first; |r| ≤ ln 2 / 2 makes its error 5e-9. */
const EXP_COEFFICIENTS = [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040];

/**
 * 1.5 · 2²³ + 127: added to a small number, it leaves the nearest whole number, plus the bias of an exponent, in the lowest bits.
 */
const ROUND_TO_EXPONENT = 1.5 * 2 ** 23 + 127;

/**
 * e^x in every lane, relative error below 2e-7 for x in [-87, 88]; exactly 0 below, clamped above, NaN for NaN.
 * x = n·ln 2 + r with whole n, so e^x = 2^n · e^r: a polynomial for e^r, n straight into the exponent bits.
 */
export function exp(body: FunctionBuilder, x: V128): Local<"v128"> {
  const exponent = body.let(x);
  const lowest = f32x4.const(-87);
  const clamped = body.let(f32x4.pmax(f32x4.pmin(exponent, f32x4.const(88)), lowest));
  const magic = f32x4.const(ROUND_TO_EXPONENT);
  const biased = body.let(f32x4.add(f32x4.mul(clamped, f32x4.const(Math.LOG2E)), magic));
  const n = body.let(f32x4.sub(biased, magic));
  // ln 2 in two parts: the first has few digits, so that its product with n is exact.
  const high = 0.693359375;
  const reduced = f32x4.sub(clamped, f32x4.mul(n, f32x4.const(high)));
  const r = body.let(f32x4.sub(reduced, f32x4.mul(n, f32x4.const(Math.LN2 - high))));
  const powerOfTwo = i32x4.shl(biased, 23);
  const power = f32x4.mul(polynomial(body, EXP_COEFFICIENTS, r), powerOfTwo);
  return body.let(f32x4.andNot(power, f32x4.lt(exponent, lowest)));
}

/** Σ coefficients[k] · x^k in pairs, then pairs of pairs (Estrin): short chains of what waits for what. The count is a power of 2. */
function polynomial(body: FunctionBuilder, coefficients: readonly number[], x: Lanes): V128 {
  let terms: V128[] = coefficients.map((coefficient) => f32x4.const(coefficient));
  let power = x;
  for (;;) {
    const [first, ...rest] = terms;
    if (rest.length === 0) return first!;
    const highs = terms.filter((_, k) => k % 2 === 1);
    terms = highs.map((high, k) => body.let(f32x4.add(terms[2 * k]!, f32x4.mul(high, power))));
    power = body.let(f32x4.mul(power, power));
  }
}
