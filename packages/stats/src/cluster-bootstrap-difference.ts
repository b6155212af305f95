import { drawnDistribution } from "./bootstrap-distribution.js";
import type { BootstrapMethod } from "./bootstrap-difference.js";
import { accelerationOf, bcaInterval, percentileInterval } from "./bootstrap-interval.js";
import { requireCount, requireInside, requireOneOf } from "./check.js";
import { mean } from "./mean.js";
import type { RowKey } from "./pair-rows.js";
import { randomSource, type Seed } from "./random.js";
import { clusterUnits, requireTwo, type Units } from "./units.js";
import type { Interval } from "./wilson-interval.js";

/** Options of `clusterBootstrapDifference`. */
export interface ClusterBootstrapOptions {
  /** Default `"percentile"`. */
  readonly method?: BootstrapMethod;
  /** How many resamples to draw, at least 1. Default 10,000. */
  readonly resamples?: number;
  /** Two-sided, in (0, 1). Default 0.95. */
  readonly confidence?: number;
  /** Default 0. */
  readonly seed?: Seed;
}

/** Interval of a mean difference where rows of one cluster depend on each other. */
export interface ClusterBootstrapResult extends Interval {
  /** Mean difference over the rows, first − second. */
  readonly difference: number;
  readonly confidence: number;
  readonly method: BootstrapMethod;
  readonly resamples: number;
  readonly seed: Seed;
  /** Number of clusters. */
  readonly clusters: number;
}

/**
 * Bootstrap interval of a mean paired difference where rows repeat questions: draws whole clusters with replacement and
 * takes the mean over their rows. Assumes independent clusters, some 40 or more; inside one, rows may depend on each
 * other in any way.
 *
 * @param differences - First score − second score of each pair; partial credit is welcome.
 * @param clusters - Cluster of each pair, such as its question; as long as `differences`, at least two clusters.
 * @throws UsageError for an empty list, lists of different lengths, one cluster only, a value that is not finite, or an
 * option out of range.
 * @see Davison & Hinkley (1997), Bootstrap Methods and their Application, §3.8; BCa uses the jackknife over clusters.
 */
export function clusterBootstrapDifference(
  differences: readonly number[],
  clusters: readonly RowKey[],
  options: ClusterBootstrapOptions = {},
): ClusterBootstrapResult {
  const { method = "percentile", resamples = 10_000, confidence = 0.95, seed = 0 } = options;
  requireCount("resamples", resamples, 1);
  requireInside("confidence", confidence);
  requireOneOf("method", method, ["percentile", "bca"]);
  const units = clusterUnits(differences, clusters);
  requireTwo("clusters", units.sums.length);

  const difference = units.sums.reduce((total, sum) => total + sum, 0) / units.rows;
  const distribution = drawnDistribution(resampleClusters(units, resamples, seed));
  const interval =
    method === "percentile"
      ? percentileInterval(distribution, confidence)
      : bcaInterval(distribution, confidence, {
          observed: difference,
          acceleration: accelerationOf(jackknifeInfluences(units, difference * units.rows)),
          resolution: 0.5 / resamples,
        });
  return { difference, ...interval, confidence, method, resamples, seed, clusters: units.sums.length };
}

/** Mean over the rows of each resample. */
function resampleClusters({ sums, sizes }: Units, resamples: number, seed: Seed): Float64Array {
  const random = randomSource(seed);
  const count = sums.length;
  return new Float64Array(resamples).map(() => {
    let sum = 0;
    let rows = 0;
    for (let draw = 0; draw < count; draw++) {
      const cluster = (random() * count) | 0;
      sum += sums[cluster]!;
      rows += sizes[cluster]!;
    }
    return sum / rows;
  });
}

/** How much leaving each cluster out lowers the mean, centred. */
function jackknifeInfluences({ sums, sizes, rows }: Units, total: number): Float64Array {
  const without = sums.map((sum, cluster) => (total - sum) / (rows - sizes[cluster]!));
  const centre = mean(without);
  return without.map((value) => centre - value);
}
