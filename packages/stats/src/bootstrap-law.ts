import { binomialLaw, type Law } from "./binomial.js";
import type { SignCounts } from "./sign-counts.js";

/**
 * The exact law of the sum of a bootstrap resample of −1/0/+1 differences, that is of infinitely many resamples.
 *
 * Resampling n rows draws (plus, minus, zero) from Multinomial(n; plus/n, minus/n, zero/n). So the number of non-zero
 * rows m is binomial, given m the number of +1 is binomial too, and the sum is 2·(that number) − m.
 */
export function bootstrapLaw({ plus, minus, zero }: SignCounts): Law {
  const n = plus + minus + zero;
  const nonZero = plus + minus;
  if (nonZero === 0) return { from: 0, probabilities: Float64Array.of(1) };

  const counts = binomialLaw(n, nonZero / n);
  const sums = new Float64Array(2 * n + 1);
  for (const [offset, weight] of counts.probabilities.entries()) {
    const m = counts.from + offset;
    const pluses = binomialLaw(m, plus / nonZero);
    let position = n + 2 * pluses.from - m;
    for (const probability of pluses.probabilities) {
      sums[position]! += weight * probability;
      position += 2;
    }
  }
  const first = sums.findIndex((probability) => probability > 0);
  const last = sums.findLastIndex((probability) => probability > 0);
  return { from: first - n, probabilities: sums.subarray(first, last + 1) };
}

/** P(X ≤ `from` + i) at position i. */
export function cumulative({ probabilities }: Law): Float64Array {
  let sum = 0;
  return probabilities.map((probability) => (sum += probability));
}

/** First position whose value is at least `probability`, or the last one: the quantile of a cumulative law. */
export function searchCumulative(sums: Float64Array, probability: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! >= probability) high = middle;
    else low = middle + 1;
  }
  return low;
}
