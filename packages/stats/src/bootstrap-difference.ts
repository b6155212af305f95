import { UsageError } from "@pka/core";
import { type BootstrapDistribution, drawnDistribution, exactDistribution } from "./bootstrap-distribution.js";
import { accelerationOf, bcaInterval, percentileInterval } from "./bootstrap-interval.js";
import { bootstrapLaw, cumulative, searchCumulative } from "./bootstrap-law.js";
import { requireCount, requireInside, requireNumbers, requireOneOf } from "./check.js";
import { mean } from "./mean.js";
import { randomSource, type Seed } from "./random.js";
import { signCounts } from "./sign-counts.js";
import type { Interval } from "./wilson-interval.js";

export type BootstrapMethod = "percentile" | "bca";

/** How the bootstrap distribution is come by; see {@link bootstrapDifference}. */
export type Resampling = "rows" | "multinomial" | "exact";

export interface BootstrapOptions {
  /** Default `"percentile"`, the paper's. */
  readonly method?: BootstrapMethod;
  /** Default `"auto"`: `"multinomial"` where every difference is −1, 0 or +1, else `"rows"`. */
  readonly resampling?: "auto" | Resampling;
  /** How many resamples to draw, at least 1. Default 10,000, the paper's. */
  readonly resamples?: number;
  /** Two-sided, in (0, 1). Default 0.95. */
  readonly confidence?: number;
  /** Default 0. */
  readonly seed?: Seed;
}

export interface BootstrapResult extends Interval {
  /** Mean difference of the data, first − second. */
  readonly difference: number;
  readonly confidence: number;
  readonly method: BootstrapMethod;
  readonly resampling: Resampling;
  /** `null` for `"exact"`: as if infinitely many. */
  readonly resamples: number | null;
  /** `null` for `"exact"`: nothing is random. */
  readonly seed: Seed | null;
}

/**
 * Bootstrap interval of a mean paired difference. Assumes that the pairs are independent draws from the questions meant;
 * with repeated questions use `clusterBootstrapDifference`.
 *
 * `resampling` does not change what is estimated, only how:
 * - `"rows"`: draws n rows with replacement, `resamples` times, as the paper's script does. For any differences.
 * - `"multinomial"`: only where all differences are −1, 0 or +1. Draws the sum of each resample from its exact law; the
 *   same distribution in a hundredth of the time, but another stream of random numbers.
 * - `"exact"`: only there too. Quantiles of that law itself: the limit of infinitely many resamples, nothing random.
 *
 * @param differences - First score − second score of each pair, at least one; partial credit is welcome.
 * @returns Bounds that include the value they name: `lower <= 0 && 0 <= upper` is "no difference at this level".
 * @throws UsageError for an empty list, a value that is not finite, an option out of range, or `"multinomial"` or
 * `"exact"` where a difference is not −1, 0 or +1.
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and 14. Quantiles of drawn resamples are
 * interpolated linearly, as numpy does. `bootstrap_ci.py` of arXiv:2602.22193 is the percentile method on rows.
 */
export function bootstrapDifference(differences: readonly number[], options: BootstrapOptions = {}): BootstrapResult {
  const { method = "percentile", confidence = 0.95, resamples = 10_000, seed = 0 } = options;
  requireNumbers("differences", differences);
  requireInside("confidence", confidence);
  requireCount("resamples", resamples, 1);
  requireOneOf("method", method, ["percentile", "bca"]);
  const counts = signCounts(differences);
  const resampling = resolve(options.resampling ?? "auto", counts !== null);

  const n = differences.length;
  const difference = mean(differences);
  const isExact = resampling === "exact";
  let distribution: BootstrapDistribution;
  if (counts === null || resampling === "rows") {
    distribution = drawnDistribution(resampleRows(differences, resamples, seed));
  } else if (isExact) {
    distribution = exactDistribution(bootstrapLaw(counts), n);
  } else {
    const law = bootstrapLaw(counts);
    const sums = cumulative(law);
    const random = randomSource(seed);
    const draw = (): number => (law.from + searchCumulative(sums, random.double())) / n;
    distribution = drawnDistribution(new Float64Array(resamples).map(draw));
  }

  const interval =
    method === "percentile"
      ? percentileInterval(distribution, confidence)
      : bcaInterval(distribution, confidence, {
          observed: difference,
          acceleration: accelerationOf(differences.map((value) => value - difference)),
          resolution: isExact ? 1e-15 : 0.5 / resamples,
        });
  return {
    difference,
    ...interval,
    confidence,
    method,
    resampling,
    resamples: isExact ? null : resamples,
    seed: isExact ? null : seed,
  };
}

function resolve(asked: "auto" | Resampling, isTernary: boolean): Resampling {
  requireOneOf("resampling", asked, ["auto", "rows", "multinomial", "exact"]);
  if (asked === "auto") return isTernary ? "multinomial" : "rows";
  if (asked !== "rows" && !isTernary) {
    throw new UsageError(`resampling "${asked}" needs differences of −1, 0 and +1 only; use "rows"`);
  }
  return asked;
}

/** Mean of each resample. */
function resampleRows(differences: readonly number[], resamples: number, seed: Seed): Float64Array {
  const random = randomSource(seed);
  const values = Float64Array.from(differences);
  const n = values.length;
  return new Float64Array(resamples).map(() => {
    let sum = 0;
    for (let draw = 0; draw < n; draw++) sum += values[(random() * n) | 0]!;
    return sum / n;
  });
}
