/**
 * Quantile of ascending values, interpolated linearly between order statistics: numpy's default, Hyndman & Fan's type 7.
 *
 * @param sorted - Ascending, at least one.
 * @param probability - In [0, 1].
 */
export function quantile(sorted: ArrayLike<number>, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const index = Math.floor(position);
  const lower = sorted[index]!;
  const upper = sorted[Math.min(index + 1, sorted.length - 1)]!;
  return lower + (upper - lower) * (position - index);
}
