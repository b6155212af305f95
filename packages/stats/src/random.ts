import seedrandom from "seedrandom";

/** Where random numbers start: the same seed gives the same stream on every machine. `1` and `"1"` are the same seed. */
export type Seed = string | number;

/** Baagøe's Alea, seeded; a generator of its own, `Math.random` stays as it is. */
export function randomSource(seed: Seed): seedrandom.PRNG {
  return seedrandom.alea(String(seed));
}
