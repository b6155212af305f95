/** How many differences are +1, −1 and 0: all that matters where both scores are right or wrong. */
export interface SignCounts {
  readonly plus: number;
  readonly minus: number;
  readonly zero: number;
}

/** `null` where any difference is not −1, 0 or +1. */
export function signCounts(differences: readonly number[]): SignCounts | null {
  const counts = { plus: 0, minus: 0, zero: 0 };
  for (const difference of differences) {
    if (difference === 1) counts.plus++;
    else if (difference === -1) counts.minus++;
    else if (difference === 0) counts.zero++;
    else return null;
  }
  return counts;
}
