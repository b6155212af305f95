import { UsageError } from "@pka/core";
import { requireInside, requireSameLength } from "./check.js";
import { normalQuantile } from "./normal-quantile.js";
import type { Interval } from "./wilson-interval.js";

/** Agreement of two raters beyond chance. */
export interface CohenKappaResult {
  /** (observed − expected) / (1 − expected), in [−1, 1]; `null` where both raters gave one and the same label only. */
  readonly kappa: number | null;
  readonly standardError: number | null;
  /** kappa ± z·standard error, cut at −1 and 1. */
  readonly interval: Interval | null;
  /** Share of items with the same label from both, in [0, 1]. */
  readonly observedAgreement: number;
  /** Share that raters with these label frequencies would agree on by chance, in [0, 1]. */
  readonly expectedAgreement: number;
}

/**
 * Cohen's unweighted kappa: agreement of two raters (graders, judges) on the same items, beyond chance.
 * Assumes independent items and unordered labels. The interval is a large-sample one; trust it from some 50 items on.
 *
 * @param first - Labels of the first rater, at least one; compared with `===`.
 * @param second - Labels of the second rater, for the same items in the same order.
 * @param confidence - Two-sided, in (0, 1). Default 0.95.
 * @throws UsageError when the lists are empty or differ in length, or `confidence` is out of range.
 * @see Cohen (1960), Educational and Psychological Measurement 20, 37–46; Fleiss, Cohen & Everitt (1969),
 * Psychological Bulletin 72, 323–327, for the standard error.
 */
export function cohenKappa<Label extends string | number | boolean>(
  first: readonly Label[],
  second: readonly Label[],
  confidence = 0.95,
): CohenKappaResult {
  requireSameLength(["first", first], ["second", second]);
  requireInside("confidence", confidence);
  const n = first.length;
  if (n === 0) throw new UsageError("first and second are empty: there is nothing to agree on");

  const position = new Map<Label, number>();
  for (const label of [...first, ...second]) if (!position.has(label)) position.set(label, position.size);
  const firstShare = shares(first, position);
  const secondShare = shares(second, position);
  const observedAgreement = first.filter((label, item) => label === second[item]).length / n;
  const expectedAgreement = firstShare.reduce((sum, share, i) => sum + share * secondShare[i]!, 0);
  const agreement = { observedAgreement, expectedAgreement };
  if (position.size === 1) return { kappa: null, standardError: null, interval: null, ...agreement };

  const beyond = 1 - expectedAgreement;
  const kappa = (observedAgreement - expectedAgreement) / beyond;
  let sum = 0;
  for (const [item, label] of first.entries()) {
    const [i, j] = [position.get(label)!, position.get(second[item]!)!];
    sum +=
      i === j
        ? (1 - (firstShare[i]! + secondShare[i]!) * (1 - kappa)) ** 2
        : ((1 - kappa) * (secondShare[i]! + firstShare[j]!)) ** 2;
  }
  const variance = (sum / n - (kappa - expectedAgreement * (1 - kappa)) ** 2) / (n * beyond * beyond);
  const standardError = Math.sqrt(Math.max(0, variance));
  const margin = -normalQuantile((1 - confidence) / 2) * standardError;
  const interval = { lower: Math.max(-1, kappa - margin), upper: Math.min(1, kappa + margin) };
  return { kappa, standardError, interval, ...agreement };
}

/** How often each label occurs, as a share of all values. */
function shares<Label>(values: readonly Label[], position: ReadonlyMap<Label, number>): Float64Array {
  const counts = new Float64Array(position.size);
  for (const value of values) counts[position.get(value)!]! += 1;
  return counts.map((count) => count / values.length);
}
