import { requireProbabilities } from "./check.js";

/**
 * Benjamini and Hochberg's adjusted p-values: reject where they are at most q, and on average at most a share q of the
 * rejections is false. Assumes tests that are independent or positively dependent.
 *
 * @param pValues - One per test, each in [0, 1]; any number.
 * @returns Adjusted p-values in the same order, in [0, 1].
 * @throws UsageError naming the value that is no probability.
 * @example benjaminiHochberg([0.01, 0.04, 0.03]) // [0.03, 0.04, 0.04]
 * @see Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57, 289–300.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  requireProbabilities("pValues", pValues);
  const descending = [...pValues.keys()].toSorted((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = pValues.slice();
  let smallest = 1;
  for (const [position, index] of descending.entries()) {
    const rank = pValues.length - position;
    smallest = Math.min(smallest, (pValues.length / rank) * pValues[index]!);
    adjusted[index] = smallest;
  }
  return adjusted;
}
