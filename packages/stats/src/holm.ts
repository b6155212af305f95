import { requireProbabilities } from "./check.js";

/**
 * Holm's adjusted p-values for a family of tests: reject where they are at most α, and the chance of even one false
 * rejection is at most α. Assumes nothing about how the tests depend on each other.
 *
 * @param pValues - One per test, each in [0, 1]; any number.
 * @returns Adjusted p-values in the same order, in [0, 1].
 * @throws UsageError naming the value that is no probability.
 * @example holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]
 * @see Holm (1979), Scandinavian Journal of Statistics 6, 65–70.
 */
export function holm(pValues: readonly number[]): number[] {
  requireProbabilities("pValues", pValues);
  const ascending = [...pValues.keys()].toSorted((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = pValues.slice();
  let largest = 0;
  for (const [rank, index] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}
