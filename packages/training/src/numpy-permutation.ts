import { UsageError } from "@pka/core";

const U32 = 0xffff_ffff;
const MASK64 = (1n << 64n) - 1n;
const MASK128 = (1n << 128n) - 1n;
const PCG_MULTIPLIER = 0x2360ed05_1fc65da4_4385df64_9fccf645n;

/**
 * `numpy.random.default_rng(seed).permutation(n)`: the order in which Hugging Face's `Dataset.shuffle(seed)` leaves its rows.
 *
 * @param n - Number of rows, ≥ 0.
 * @param seed - A whole number ≥ 0.
 * @returns `[n]`: the old position of each row.
 * @throws UsageError for a negative or fractional seed, as numpy does.
 * @see O'Neill (2014), PCG XSL RR 128/64; numpy's `SeedSequence` and `Generator.permutation`, unchanged from 1.17 to 2.4.
 */
export function numpyPermutation(n: number, seed: number): Uint32Array {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError(`seed ${seed}: it must be a whole number ≥ 0`);
  const next32 = pcg64(seedWords(seed));
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    // Draws beyond i are thrown away, not scaled.
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j: number;
    do j = (next32() & mask) >>> 0;
    while (j > i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** numpy's `SeedSequence(seed).generate_state(8)`: well-mixed 32-bit words. */
function seedWords(seed: number): Uint32Array {
  const entropy = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  const mixIn = hasher(0x43b0d7e5, 0x931e8875);
  const pool = Uint32Array.from({ length: 4 }, (_, i) => mixIn(entropy[i] ?? 0));
  for (let source = 0; source < 4; source++) {
    for (let target = 0; target < 4; target++) {
      if (source !== target) pool[target] = mix(pool[target]!, mixIn(pool[source]!));
    }
  }
  const mixOut = hasher(0x8b51f9dd, 0x58f38ded);
  return Uint32Array.from({ length: 8 }, (_, i) => mixOut(pool[i % 4]!));
}

/** A hash whose constant changes with every call. */
function hasher(start: number, multiplier: number): (value: number) => number {
  let constant = start;
  return (value) => {
    const mixed = value ^ constant;
    constant = Math.imul(constant, multiplier);
    const product = Math.imul(mixed, constant);
    return (product ^ (product >>> 16)) >>> 0;
  };
}

function mix(x: number, y: number): number {
  const difference = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) | 0;
  return (difference ^ (difference >>> 16)) >>> 0;
}

/** Numbers in [0, 2³²), the low half of every 64-bit draw first. */
function pcg64(words: Uint32Array): () => number {
  const word64 = (i: number): bigint => BigInt(words[2 * i]!) | (BigInt(words[2 * i + 1]!) << 32n);
  const increment = ((((word64(2) << 64n) | word64(3)) << 1n) | 1n) & MASK128;
  let state = 0n;
  const step = (): void => {
    state = (state * PCG_MULTIPLIER + increment) & MASK128;
  };
  step();
  state = (state + ((word64(0) << 64n) | word64(1))) & MASK128;
  step();

  let high: number | undefined;
  return () => {
    if (high !== undefined) {
      const kept = high;
      high = undefined;
      return kept;
    }
    step();
    const folded = (state >> 64n) ^ (state & MASK64);
    const turn = state >> 122n;
    const draw = ((folded >> turn) | (folded << (64n - turn))) & MASK64;
    high = Number(draw >> 32n);
    return Number(draw & BigInt(U32));
  };
}
