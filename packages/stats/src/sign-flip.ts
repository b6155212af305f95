import { UsageError } from "@pka/core";
import { binomialLaw, type Law } from "./binomial.js";
import { requireCount, requireOneOf } from "./check.js";
import { randomSource, type Seed } from "./random.js";

/** Options of the sign-flip tests. */
export interface PermutationOptions {
  /** Default `"auto"`: `"exact"` where it is feasible, as it always is for differences of −1, 0 and +1. */
  readonly method?: "auto" | "exact" | "monte-carlo";
  /** Sign assignments to draw by Monte Carlo, at least 1. Default 10,000. */
  readonly resamples?: number;
  /** Default 0. */
  readonly seed?: Seed;
}

/** A sign-flip test. */
export interface PermutationResult {
  /** Mean difference of the data, first − second. */
  readonly difference: number;
  /** Two-sided, in [0, 1]; by Monte Carlo never 0, exact only where it lies below 1e-300. */
  readonly pValue: number;
  readonly method: "exact" | "monte-carlo";
  /** `null` for `"exact"`: every assignment counts. */
  readonly resamples: number | null;
  /** `null` for `"exact"`: nothing is random. */
  readonly seed: Seed | null;
}

/** Additions that an exact law may cost: under a second. */
const MOST_WORK = 2e8;

/**
 * P(|Σ ±value| ≥ |Σ value|) over independent fair signs, one for each value.
 *
 * @throws UsageError when `"exact"` is asked for and the values are not whole numbers, or too large and too varied.
 */
export function signFlipTest(values: Float64Array, options: PermutationOptions): Omit<PermutationResult, "difference"> {
  const { method = "auto", resamples = 10_000, seed = 0 } = options;
  requireCount("resamples", resamples, 1);
  requireOneOf("method", method, ["auto", "exact", "monte-carlo"]);
  const sizes = sizeCounts(values);
  const isFeasible = sizes !== null && work(sizes) <= MOST_WORK;
  if (method === "monte-carlo" || (method === "auto" && !isFeasible)) {
    return { pValue: monteCarlo(values, resamples, seed), method: "monte-carlo", resamples, seed };
  }
  if (sizes === null) throw new UsageError('method "exact" needs whole differences, such as −1, 0 and +1; use "auto"');
  if (!isFeasible) throw new UsageError('method "exact" would take too long for differences this varied; use "auto"');
  return { pValue: upperTail(signFlipLaw(sizes), values), method: "exact", resamples: null, seed: null };
}

/** |value| → how many have it, without zeros; `null` where a value is not whole. */
function sizeCounts(values: Float64Array): Map<number, number> | null {
  const counts = new Map<number, number>();
  for (const value of values) {
    if (!Number.isSafeInteger(value)) return null;
    const size = Math.abs(value);
    if (size > 0) counts.set(size, (counts.get(size) ?? 0) + 1);
  }
  return counts;
}

/** Upper bound on the additions that {@link signFlipLaw} makes. */
function work(sizes: ReadonlyMap<number, number>): number {
  let support = 1;
  let total = 0;
  for (const [size, count] of sizes) {
    total += support * (count + 1);
    support += 2 * size * count;
  }
  return total;
}

/** The law of Σ ±size, as a convolution of one scaled binomial per size. Tails are good down to 1e-300. */
function signFlipLaw(sizes: ReadonlyMap<number, number>): Law {
  let law: Law = { from: 0, probabilities: Float64Array.of(1) };
  for (const [size, count] of sizes) {
    // `heads` signs of `count` are positive: the sum is size·(2·heads − count).
    const { from, probabilities } = binomialLaw(count, 0.5, 1e-300);
    const next = new Float64Array(law.probabilities.length + 2 * size * (probabilities.length - 1));
    for (const [heads, weight] of probabilities.entries()) {
      const shift = 2 * size * heads;
      for (const [position, probability] of law.probabilities.entries())
        next[position + shift]! += weight * probability;
    }
    law = { from: law.from + size * (2 * from - count), probabilities: next };
  }
  return law;
}

/** Both tails from the observed sum on; the law is symmetric. */
function upperTail({ from, probabilities }: Law, values: Float64Array): number {
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0));
  if (observed === 0) return 1;
  let tail = 0;
  // From the far end, small terms first. A sum beyond what the law holds has a probability below 1e-300.
  for (let position = probabilities.length - 1; position >= observed - from; position--)
    tail += probabilities[position]!;
  return Math.min(1, 2 * tail);
}

/** (hits + 1)/(draws + 1): the data's own assignment counts as one, so that p is never 0 and the test keeps its level. */
function monteCarlo(values: Float64Array, resamples: number, seed: Seed): number {
  const moving = values.filter((value) => value !== 0);
  const total = moving.reduce((sum, value) => sum + value, 0);
  // Sums of fractions that are equal on paper differ by rounding.
  const slack = 1e-12 * moving.reduce((sum, value) => sum + Math.abs(value), 0);
  const random = randomSource(seed);
  let hits = 0;
  for (let draw = 0; draw < resamples; draw++) {
    let positive = 0;
    let bits = 0;
    for (let i = 0; i < moving.length; i++) {
      bits = i % 32 === 0 ? random.int32() : bits >>> 1;
      if (bits & 1) positive += moving[i]!;
    }
    if (Math.abs(2 * positive - total) >= Math.abs(total) - slack) hits++;
  }
  return (hits + 1) / (resamples + 1);
}
