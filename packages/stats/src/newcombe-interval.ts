import { UsageError } from "@pka/core";
import { requireCount } from "./check.js";
import type { PairedTable } from "./paired-table.js";
import { type Interval, wilsonInterval } from "./wilson-interval.js";

/** A proportion: `successes` of `n`. */
export interface Proportion {
  readonly successes: number;
  readonly n: number;
}

/**
 * Newcombe's hybrid score interval for the difference of two independent proportions, first − second: the two Wilson
 * intervals' distances, squared and added. Assumes that no question is in both samples; see `newcombeIntervalPaired`.
 *
 * @param confidence - Two-sided, in (0, 1). Default 0.95.
 * @returns Bounds in [−1, 1].
 * @throws UsageError naming the argument that is out of range.
 * @example newcombeIntervalIndependent({ successes: 56, n: 70 }, { successes: 48, n: 80 }) // { lower: 0.0524, upper: 0.3339 }
 * @see Newcombe (1998), Statistics in Medicine 17, 873–890, method 10 (without continuity correction).
 */
export function newcombeIntervalIndependent(first: Proportion, second: Proportion, confidence = 0.95): Interval {
  return squareAndAdd(first, second, 0, confidence);
}

/**
 * Newcombe's score interval for the difference of two paired proportions, first − second, on the same questions: as the
 * independent one, less what the two have in common. Assumes independent pairs.
 *
 * @param table - Counts of at least one pair; see `pairedTable`.
 * @param confidence - Two-sided, in (0, 1). Default 0.95.
 * @returns Bounds in [−1, 1].
 * @throws UsageError naming the argument that is out of range.
 * @see Newcombe (1998), Statistics in Medicine 17, 2635–2650, method 10.
 */
export function newcombeIntervalPaired(table: PairedTable, confidence = 0.95): Interval {
  const { both, firstOnly, secondOnly, neither } = table;
  for (const [name, count] of Object.entries({ both, firstOnly, secondOnly, neither })) requireCount(name, count);
  const n = both + firstOnly + secondOnly + neither;
  if (n === 0) throw new UsageError("the table is empty: there is nothing to compare");

  const margins =
    Math.sqrt((both + firstOnly) * (secondOnly + neither)) * Math.sqrt((both + secondOnly) * (firstOnly + neither));
  const product = both * neither - firstOnly * secondOnly;
  // A continuity correction, for positive correlation only.
  const corrected = product > 0 ? Math.max(0, product - n / 2) : product;
  const correlation = margins === 0 ? 0 : corrected / margins;
  return squareAndAdd({ successes: both + firstOnly, n }, { successes: both + secondOnly, n }, correlation, confidence);
}

function squareAndAdd(first: Proportion, second: Proportion, correlation: number, confidence: number): Interval {
  const [p1, wilson1] = [first.successes / first.n, wilsonInterval(first.successes, first.n, confidence)];
  const [p2, wilson2] = [second.successes / second.n, wilsonInterval(second.successes, second.n, confidence)];
  const add = (a: number, b: number): number => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
  return {
    lower: p1 - p2 - add(p1 - wilson1.lower, wilson2.upper - p2),
    upper: p1 - p2 + add(wilson1.upper - p1, p2 - wilson2.lower),
  };
}
