import type { BootstrapDistribution } from "./bootstrap-distribution.js";
import { normalQuantile } from "./normal-quantile.js";
import { normalTail } from "./normal-tail.js";
import type { Interval } from "./wilson-interval.js";

/** The central `confidence` of the distribution: equal tails. */
export function percentileInterval(distribution: BootstrapDistribution, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return { lower: distribution.quantile(tail), upper: distribution.quantile(1 - tail) };
}

/**
 * Bias-corrected and accelerated: the tails move so that the interval is right to second order.
 *
 * @param observed - The estimate from the data itself.
 * @param acceleration - A sixth of the skewness of the estimate.
 * @param resolution - Least share that counts as one: half a resample, so that an estimate beyond them all is not at ±∞.
 * @see Efron (1987), JASA 82, 171–185. Ties with the estimate count half in the bias, as SciPy does it.
 */
export function bcaInterval(
  distribution: BootstrapDistribution,
  confidence: number,
  { observed, acceleration, resolution }: { observed: number; acceleration: number; resolution: number },
): Interval {
  const share = Math.min(1 - resolution, Math.max(resolution, distribution.shareBelow(observed)));
  const bias = normalQuantile(share);
  const adjusted = (z: number): number => normalTail(-(bias + (bias + z) / (1 - acceleration * (bias + z))));
  const z = normalQuantile((1 - confidence) / 2);
  return { lower: distribution.quantile(adjusted(z)), upper: distribution.quantile(adjusted(-z)) };
}

/** Acceleration from the influence of each unit on the estimate: deviations with mean 0. 0 where nothing varies. */
export function accelerationOf(influences: Iterable<number>): number {
  let squares = 0;
  let cubes = 0;
  for (const influence of influences) {
    squares += influence ** 2;
    cubes += influence ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}
