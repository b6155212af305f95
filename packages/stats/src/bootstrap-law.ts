import { binomialLaw, binomialPmf, type Law } from "./binomial.js";
import type { SignCounts } from "./sign-counts.js";

/** Terms below this share of their law's peak add nothing to a double. */
const NEGLIGIBLE = 1e-21;

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

  const counts = binomialLaw(n, nonZero / n, NEGLIGIBLE);
  const sums = new Float64Array(2 * n + 1);
  for (const [offset, weight] of counts.probabilities.entries()) {
    const m = counts.from + offset;
    addSums(sums, n - m, weight, { m, plusShare: plus / nonZero });
  }
  const first = sums.findIndex((probability) => probability > 0);
  const last = sums.findLastIndex((probability) => probability > 0);
  return { from: first - n, probabilities: sums.subarray(first, last + 1) };
}

/**
 * Adds `weight` times Binomial(m, plusShare) to every second position of `sums`, k = 0 at `start`: outwards from the mode, each term from
 * the one before. This loop is the time of the whole bootstrap, so it makes no lists.
 */
function addSums(
  sums: Float64Array,
  start: number,
  weight: number,
  { m, plusShare }: { readonly m: number; readonly plusShare: number },
): void {
  const odds = plusShare / (1 - plusShare);
  const mode = Math.min(m, Math.floor((m + 1) * plusShare));
  const peak = weight * binomialPmf(mode, m, plusShare);
  const least = peak * NEGLIGIBLE;
  sums[start + 2 * mode]! += peak;
  let term = peak;
  for (let k = mode; k > 0; k--) {
    term *= k / ((m - k + 1) * odds);
    if (!(term >= least)) break;
    sums[start + 2 * (k - 1)]! += term;
  }
  term = peak;
  for (let k = mode; k < m; k++) {
    term *= ((m - k) * odds) / (k + 1);
    if (!(term >= least)) break;
    sums[start + 2 * (k + 1)]! += term;
  }
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
