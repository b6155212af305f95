/**
 * The probability that a standard normal variable exceeds `z`. The upper tail itself, never 1 − (lower tail): relative
 * error below 2e-13 down to 1e-300.
 */
export function normalTail(z: number): number {
  return erfc(z / Math.SQRT2) / 2;
}

/** The probability that a χ² variable with one degree of freedom exceeds `statistic`; `statistic` ≥ 0. */
export function chiSquaredTail(statistic: number): number {
  return erfc(Math.sqrt(statistic / 2));
}

/** 1 − erf(x), by the Maclaurin series of erf near 0 and Laplace's continued fraction further out. */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) return 1 - erfSeries(x);
  return erfcFraction(x);
}

/** erf(x) = 2/√π · e^(−x²) · Σ 2^k·x^(2k+1) / (1·3·…·(2k+1)): all terms positive, nothing cancels. */
function erfSeries(x: number): number {
  const square = x * x;
  let term = x;
  let sum = x;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (2 * square) / odd;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum;
}

/** erfc(x) = e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), from the inside out. */
function erfcFraction(x: number): number {
  let denominator = x;
  // 140 levels reach 1e-17 at x = 2, where it converges slowest.
  for (let level = 140; level >= 1; level--) denominator = x + level / 2 / denominator;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / denominator;
}
