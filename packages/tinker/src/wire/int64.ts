const MIN_INT32 = -(2 ** 31);
const MAX_INT32 = 2 ** 31 - 1;

/** Whole numbers as this package holds them: 32 bits each where all of them fit, which token ids do, else 64. */
export type WholeNumbers = Int32Array | BigInt64Array;

/** `Int32Array` when every value fits, else the array itself. */
export function narrow(values: BigInt64Array): WholeNumbers {
  const narrowed = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    if (value < MIN_INT32 || value > MAX_INT32) return values;
    narrowed[i] = value;
  }
  return narrowed;
}

export function widen(values: WholeNumbers): BigInt64Array {
  if (values instanceof BigInt64Array) return values;
  const wide = new BigInt64Array(values.length);
  // Two 32-bit halves per element: several times faster than a BigInt for each.
  const halves = new Int32Array(wide.buffer);
  const low = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    halves[2 * i + low] = value;
    halves[2 * i + 1 - low] = value < 0 ? -1 : 0;
  }
  return wide;
}
