import { UsageError } from "@pka/core";
import { requireInside } from "./check.js";
import { clusterMeanDifference, type ClusterMeanResult } from "./cluster-mean-difference.js";
import { normalQuantile } from "./normal-quantile.js";
import { normalTail } from "./normal-tail.js";
import type { RowKey } from "./pair-rows.js";
import type { Interval } from "./wilson-interval.js";

/** The paired differences of one comparison, such as trained − base on one dataset. */
export interface Effect {
  /** First score − second score of each pair; partial credit is welcome. */
  readonly differences: readonly number[];
  /** Cluster of each pair, such as its question, where questions repeat. Default: every pair on its own. */
  readonly clusters?: readonly RowKey[];
}

/** Options of `interaction`. */
export interface InteractionOptions {
  /** Are row i of the first and row i of the second effect about the same question? Default `false`: independent. */
  readonly paired?: boolean;
  /** Two-sided, in (0, 1). Default 0.95. */
  readonly confidence?: number;
}

/** Difference of two differences. */
export interface InteractionResult extends Interval {
  /** Mean of the first effect − mean of the second. */
  readonly interaction: number;
  readonly standardError: number;
  readonly confidence: number;
  /** Two-sided, by the normal distribution; `null` where nothing varies and the standard error is 0. */
  readonly pValue: number | null;
}

/**
 * Is one effect larger than another? The difference of two mean paired differences, with interval and p-value. "One is
 * significant and the other is not" does not answer that.
 *
 * - Independent: effects on different questions, such as the gain on TriviaQA − the gain on Natural Questions.
 * - Paired: effects on the same questions in the same order, such as the gain from cues with thinking − without;
 *   clusters need only be given once.
 *
 * Assumes large samples (some 40 pairs or clusters each) and, between clusters, independence.
 *
 * @throws UsageError for fewer than two pairs or clusters in an effect, a value that is not finite, lists of different
 * lengths, paired effects with different clusters, or a confidence out of range.
 * @see Gelman & Stern (2006), The American Statistician 60, 328–331; standard errors as in `clusterMeanDifference`.
 */
export function interaction(first: Effect, second: Effect, options: InteractionOptions = {}): InteractionResult {
  const { paired = false, confidence = 0.95 } = options;
  requireInside("confidence", confidence);
  const [difference, standardError] = paired ? pairedEffects(first, second) : independentEffects(first, second);
  const margin = -normalQuantile((1 - confidence) / 2) * standardError;
  return {
    interaction: difference,
    lower: difference - margin,
    upper: difference + margin,
    standardError,
    confidence,
    pValue: standardError === 0 ? null : 2 * normalTail(Math.abs(difference) / standardError),
  };
}

function independentEffects(first: Effect, second: Effect): [difference: number, standardError: number] {
  const [one, two] = [meanOf(first), meanOf(second)];
  return [one.difference - two.difference, Math.hypot(one.standardError, two.standardError)];
}

function pairedEffects(first: Effect, second: Effect): [difference: number, standardError: number] {
  if (first.differences.length !== second.differences.length) {
    throw new UsageError(
      `paired effects need the same questions: ${first.differences.length} and ${second.differences.length} differences`,
    );
  }
  const clusters = first.clusters ?? second.clusters;
  if (clusters && second.clusters?.some((cluster, row) => cluster !== clusters[row])) {
    throw new UsageError("paired effects need the same clusters in the same order, or clusters in one of them only");
  }
  const differences = first.differences.map((value, row) => value - second.differences[row]!);
  const { difference, standardError } = meanOf(clusters ? { differences, clusters } : { differences });
  return [difference, standardError];
}

function meanOf({ differences, clusters }: Effect): ClusterMeanResult {
  return clusterMeanDifference(differences, clusters ?? [...differences.keys()]);
}
