import { UsageError } from "@pka/core";
import { requireCount, requireInside } from "./check.js";
import { normalQuantile } from "./normal-quantile.js";

/** Two bounds, both included. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Wilson's score interval for a proportion, without continuity correction. Unlike mean ± z·se it keeps inside [0, 1] and
 * has a sensible width at 0 and at `n` successes.
 *
 * @param successes - How many of the `n` trials succeeded: a whole number from 0 to `n`.
 * @param n - Independent trials: a whole number, at least 1.
 * @param confidence - Two-sided confidence level, in (0, 1). Default 0.95.
 * @returns Bounds in [0, 1], to about 1e-15. `lower` is exactly 0 without success, `upper` exactly 1 without failure.
 * @throws UsageError naming the argument that is out of range.
 * @example wilsonInterval(81, 263) // { lower: 0.25529, upper: 0.36621 } to five digits
 * @see Wilson (1927), JASA 22, 209–212; Newcombe (1998), Statistics in Medicine 17, 857–872, method 3.
 */
export function wilsonInterval(successes: number, n: number, confidence = 0.95): Interval {
  requireCount("n", n, 1);
  if (!Number.isSafeInteger(successes) || successes < 0 || successes > n) {
    throw new UsageError(`successes must be a whole number from 0 to n = ${n}, not ${successes}`);
  }
  requireInside("confidence", confidence);
  return wilsonBounds(successes / n, n, confidence);
}

/** The same of a share `p` of `n` rows, where neither needs to be a whole number. */
export function wilsonBounds(p: number, n: number, confidence: number): Interval {
  const z = normalQuantile((1 - confidence) / 2);
  return { lower: lowerBound(p, n, z), upper: 1 - lowerBound(1 - p, n, z) };
}

/** The smaller root of (p − π)² = z²·π(1 − π)/n, in a form that loses no digits for small p. */
function lowerBound(p: number, n: number, z: number): number {
  const k = (z * z) / n;
  return (2 * p * p) / (2 * p + k + Math.sqrt(k * k + 4 * k * p * (1 - p)));
}
