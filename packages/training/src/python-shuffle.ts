import { UsageError } from "@pka/core";

const N = 624;
const M = 397;

/**
 * A copy in the order in which Python's `random.seed(seed); random.shuffle(list)` leaves a list.
 *
 * @param seed - A whole number; its sign does not count.
 * @throws UsageError for a fractional seed.
 * @see Matsumoto and Nishimura (1998), Mersenne Twister; CPython's `random`, whose shuffle is unchanged since 3.2.
 */
export function pythonShuffle<T>(items: readonly T[], seed: number): T[] {
  if (!Number.isSafeInteger(seed)) throw new UsageError(`seed ${seed}: it must be a whole number`);
  const next32 = mersenneTwister(Math.abs(seed));
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    // i + 1 values fit into as many bits as i + 1 has; draws beyond i are thrown away.
    const surplus = Math.clz32(i + 1);
    let j: number;
    do j = next32() >>> surplus;
    while (j > i);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}

/** MT19937, seeded with the 32-bit words of a number. */
function mersenneTwister(seed: number): () => number {
  const high = Math.floor(seed / 2 ** 32);
  const key = high > 0 ? [seed >>> 0, high] : [seed >>> 0];
  const state = stateOfKey(key);
  let at = N;
  return () => {
    if (at === N) {
      twist(state);
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** `init_by_array` of the reference implementation. */
function stateOfKey(key: readonly number[]): Uint32Array {
  const state = new Uint32Array(N);
  state[0] = 19_650_218;
  for (let i = 1; i < N; i++) state[i] = Math.imul(1_812_433_253, mixed(state, i)) + i;
  let i = 1;
  const advance = (): void => {
    i += 1;
    if (i < N) return;
    state[0] = state[N - 1]!;
    i = 1;
  };
  for (let k = 0; k < N; k++) {
    const j = k % key.length;
    state[i] = (state[i]! ^ Math.imul(1_664_525, mixed(state, i))) + key[j]! + j;
    advance();
  }
  for (let k = 1; k < N; k++) {
    state[i] = (state[i]! ^ Math.imul(1_566_083_941, mixed(state, i))) - i;
    advance();
  }
  state[0] = 0x80000000;
  return state;
}

function mixed(state: Uint32Array, i: number): number {
  const before = state[i - 1]!;
  return before ^ (before >>> 30);
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < N; i++) {
    const y = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
    state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}
