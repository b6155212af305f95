/**
 * Mean negative log-likelihood of the target tokens, in nats: −Σ w·logp / Σ w over all sequences, so that every token weighs the same.
 *
 * @param logprobs - `[D][T]`.
 * @param weights - `[D][T]`.
 * @returns NaN where all weights are 0.
 */
export function meanNll(logprobs: readonly ArrayLike<number>[], weights: readonly ArrayLike<number>[]): number {
  let sum = 0;
  let total = 0;
  for (const [d, sequence] of logprobs.entries()) {
    const w = weights[d]!;
    for (let t = 0; t < sequence.length; t++) {
      // A weight of 0 takes a token out, whatever its logprob.
      if (w[t] === 0) continue;
      sum += w[t]! * sequence[t]!;
      total += w[t]!;
    }
  }
  return total === 0 ? Number.NaN : -sum / total;
}
