import { requireSameLength } from "./check.js";

/** How often two conditions were right on the same questions. The four counts add up to the number of pairs. */
export interface PairedTable {
  readonly both: number;
  /** Right in the first condition only. */
  readonly firstOnly: number;
  /** Right in the second condition only. */
  readonly secondOnly: number;
  readonly neither: number;
}

/**
 * Counts two lists of verdicts, pair by pair.
 *
 * @throws UsageError when one list is longer.
 */
export function pairedTable(first: readonly boolean[], second: readonly boolean[]): PairedTable {
  requireSameLength(["first", first], ["second", second]);
  const table = { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
  for (const [index, isFirst] of first.entries()) {
    const isSecond = second[index];
    if (isFirst) table[isSecond ? "both" : "firstOnly"]++;
    else table[isSecond ? "secondOnly" : "neither"]++;
  }
  return table;
}
