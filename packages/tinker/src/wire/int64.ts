/** Whole numbers as this package holds them: 32 bits each where all of them fit, which token ids do, else 64. */
export type WholeNumbers = Int32Array | BigInt64Array;

/** Where the lower half of a 64-bit number stands, of its two 32-bit halves. */
const LOW = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** `Int32Array` when every value fits, else the array itself. Works on halves: a BigInt for each value takes many times longer. */
export function narrow(values: BigInt64Array): WholeNumbers {
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const narrowed = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = halves[2 * i + LOW]!;
    // The upper half of a number that fits repeats its sign.
    if (halves[2 * i + HIGH] !== value >> 31) return values;
    narrowed[i] = value;
  }
  return narrowed;
}

export function widen(values: WholeNumbers): BigInt64Array {
  if (values instanceof BigInt64Array) return values;
  const wide = new BigInt64Array(values.length);
  const halves = new Int32Array(wide.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    halves[2 * i + LOW] = value;
    halves[2 * i + HIGH] = value >> 31;
  }
  return wide;
}
