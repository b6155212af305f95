import { permutationTest } from "@pka/stats";
import type { SeedResult } from "./seed-result.js";

/** So many seeds must be tried before their number of significant gains decides the exit code. */
const LEAST_SEEDS = 10;
/** Share of the seeds that must show a significant gain. */
const LEAST_SHARE = 0.9;

/** The gain of reinforcement learning with thinking, over seeds. */
export interface PooledGains {
  readonly seeds: number;
  /** Seeds whose gain is positive with p < 0.05. */
  readonly significant: number;
  /** Differences of recall, in [−1, 1]. */
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Sign-flip test with the seed as the unit, two-sided; `null` for a single seed. */
  readonly pValue: number | null;
  /** From 10 seeds on: do 9 of 10 show a significant gain? `null` with fewer. */
  readonly isReproduced: boolean | null;
}

export function poolSeeds(results: readonly SeedResult[]): PooledGains {
  const gains = results.map(({ contrasts }) => contrasts.find(({ name }) => name === "rlGain")!);
  const differences = gains.map(({ difference }) => difference);
  const significant = gains.filter(({ difference, isSignificant }) => difference > 0 && isSignificant).length;
  return {
    seeds: results.length,
    significant,
    mean: differences.reduce((sum, difference) => sum + difference, 0) / differences.length,
    min: Math.min(...differences),
    max: Math.max(...differences),
    pValue: differences.length > 1 ? permutationTest(differences).pValue : null,
    isReproduced: results.length < LEAST_SEEDS ? null : significant >= LEAST_SHARE * results.length,
  };
}
