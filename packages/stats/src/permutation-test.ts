import { requireNumbers } from "./check.js";
import { mean } from "./mean.js";
import { type PermutationOptions, type PermutationResult, signFlipTest } from "./sign-flip.js";

/**
 * Paired permutation (sign-flip) test of no difference: had the two conditions been swapped on any of the questions, how
 * often would the mean difference be at least as large, in either direction?
 *
 * Assumes independent pairs, each as likely to come out the other way round; with repeated questions use
 * `clusterPermutationTest`. Exact for differences of −1, 0 and +1 (it is then McNemar's exact test) and for other whole
 * numbers while that takes under a second; else by Monte Carlo, p = (hits + 1)/(resamples + 1).
 *
 * @param differences - First score − second score of each pair, at least one; partial credit is welcome.
 * @throws UsageError for an empty list, a value that is not finite, or `"exact"` where that cannot be done.
 * @see Fisher (1935), The Design of Experiments, §21; Phipson & Smyth (2010), Statistical Applications in Genetics and
 * Molecular Biology 9:39, for the + 1.
 */
export function permutationTest(differences: readonly number[], options: PermutationOptions = {}): PermutationResult {
  requireNumbers("differences", differences);
  return { difference: mean(differences), ...signFlipTest(Float64Array.from(differences), options) };
}
