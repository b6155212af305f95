import seedrandom from "seedrandom";

/** Where random numbers start: the same seed gives the same stream on every machine. `1` and `"1"` are the same seed. */
export type Seed = string | number;

/** Random numbers in [0, 1) with 32 random bits. */
export interface RandomSource {
  (): number;
  /** In [0, 1), with 53 random bits. */
  double(): number;
  /** A whole number in [−2³¹, 2³¹). */
  int32(): number;
}

/** Baagøe's Alea, seeded; a generator of its own, `Math.random` stays as it is. */
export function randomSource(seed: Seed): RandomSource {
  return seedrandom.alea(String(seed));
}
