/** A list of differences with these counts of +1, −1 and 0. */
export function differencesOf(plus: number, minus: number, zero: number): number[] {
  return [...Array<number>(plus).fill(1), ...Array<number>(minus).fill(-1), ...Array<number>(zero).fill(0)];
}
