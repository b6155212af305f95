/**
 * P(X = k) for X ~ Binomial(n, p), relative error about 1e-14 down to the smallest doubles, for n in the millions too.
 *
 * @see Loader (2000), Fast and accurate computation of binomial probabilities: the saddle-point expansion.
 */
export function binomialPmf(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const correction = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  const deviance = halfDeviance(k, n * p) + halfDeviance(n - k, n * (1 - p));
  return Math.exp(correction - deviance) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/** P(X ≤ k) for X ~ Binomial(n, ½), a sum of positive terms outwards from `k`. Fast where k ≤ n/2. */
export function fairLowerTail(k: number, n: number): number {
  let term = binomialPmf(k, n, 0.5);
  let sum = term;
  for (let i = k; i > 0 && term > sum * 1e-18; i--) {
    term *= i / (n - i + 1);
    sum += term;
  }
  return sum;
}

/** Probabilities of the whole numbers `from`, `from + 1`, …; what is left out is too improbable to count. */
export interface Law {
  readonly from: number;
  readonly probabilities: Float64Array;
}

/** The law of Binomial(n, p), outwards from its mode to where probabilities fall below `negligible` of the mode's. */
export function binomialLaw(n: number, p: number, negligible: number): Law {
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const peak = binomialPmf(mode, n, p);
  const least = peak * negligible;
  // Nearest the mode first.
  const below: number[] = [];
  const above: number[] = [];
  let term = peak;
  for (let k = mode; k > 0; k--) {
    term *= (k * (1 - p)) / ((n - k + 1) * p);
    if (!(term >= least)) break;
    below.push(term);
  }
  term = peak;
  for (let k = mode; k < n; k++) {
    term *= ((n - k) * p) / ((k + 1) * (1 - p));
    if (!(term >= least)) break;
    above.push(term);
  }
  const probabilities = new Float64Array(below.length + 1 + above.length);
  probabilities.set(below.toReversed());
  probabilities[below.length] = peak;
  probabilities.set(above, below.length + 1);
  return { from: mode - below.length, probabilities };
}

/** log(n!) − log(√(2πn)·(n/e)^n), for n ≥ 1. */
function stirlingError(n: number): number {
  if (n < 16) {
    let factorial = 1;
    for (let i = 2; i <= n; i++) factorial *= i;
    return Math.log(factorial) - (0.5 * Math.log(2 * Math.PI * n) + n * Math.log(n) - n);
  }
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

/** x·log(x/mean) + mean − x, without cancellation where x is near the mean. */
function halfDeviance(x: number, mean: number): number {
  const distance = x - mean;
  if (Math.abs(distance) > 0.1 * (x + mean)) return x * Math.log(x / mean) - distance;
  // log(x/mean) = 2·artanh(v), and 2·x·v − distance = distance·v.
  const v = distance / (x + mean);
  let sum = distance * v;
  let power = 2 * x * v;
  for (let odd = 3; ; odd += 2) {
    power *= v * v;
    const next = sum + power / odd;
    if (next === sum) return sum;
    sum = next;
  }
}
