/**
 * How much better each reward is than the mean of its group: A = r − mean(r), not divided by the deviation.
 *
 * @param rewards - Of the rollouts of one problem.
 * @returns Single precision, as the paper's trainer computes it. They add up to 0, and are all 0 where the rewards are all the same.
 */
export function computeAdvantages(rewards: readonly number[]): Float32Array {
  const singles = Float32Array.from(rewards);
  const mean = Math.fround(singles.reduce((sum, reward) => Math.fround(sum + reward), 0) / singles.length);
  return singles.map((reward) => reward - mean);
}
