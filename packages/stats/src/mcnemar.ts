import { binomialPmf, fairLowerTail } from "./binomial.js";
import { requireCount, requireOneOf } from "./check.js";
import { chiSquaredTail } from "./normal-tail.js";
import type { PairedTable } from "./paired-table.js";

/** Below this many discordant pairs the paper's script switches to the exact test. */
const EXACT_BELOW = 25;

/** How McNemar's p-value is computed. */
export type McnemarMethod = "exact" | "chi-squared" | "mid-p";

/** Options of `mcnemar`. */
export interface McnemarOptions {
  /** Default `"auto"`: as the paper's script, `"exact"` below 25 discordant pairs, `"chi-squared"` from there. */
  readonly method?: "auto" | McnemarMethod;
}

/** McNemar's test of one paired table. */
export interface McnemarResult {
  /** The test that was made; `"none"` where no pair is discordant. */
  readonly method: McnemarMethod | "none";
  /** Pairs on which exactly one condition was right. */
  readonly discordant: number;
  /** (|b − c| − 1)² / (b + c); `null` for the other methods. */
  readonly statistic: number | null;
  /** Two-sided, in [0, 1]; `null` where no pair is discordant: nothing was tested. */
  readonly pValue: number | null;
}

/**
 * McNemar's test: are two conditions right equally often on the same questions?
 *
 * Only the discordant pairs count, b = `firstOnly` and c = `secondOnly`; without a difference they split like tosses of
 * a fair coin. Assumes independent pairs: with repeated questions use `clusterMcnemar`.
 *
 * - `"exact"`: twice the binomial tail, at most 1. Never rejects more often than it says; conservative.
 * - `"chi-squared"`: with continuity correction, also where b = c (the statistic is then 1/(b + c), not 0).
 * - `"mid-p"`: exact minus the probability of the table seen; where b = c, 1 minus half of it. Closest to its level.
 *
 * Tails are computed as tails, so p-values hold about 12 digits down to 1e-300.
 *
 * @throws UsageError when a count is negative or no whole number, or for an unknown method.
 * @example mcnemar({ firstOnly: 3, secondOnly: 10 }) // exact, p = 0.0923
 * @see McNemar (1947), Psychometrika 12, 153–157; Edwards (1948), Psychometrika 13, 185–187, for the correction;
 * Fagerland, Lydersen & Laake (2013), BMC Medical Research Methodology 13:91, for mid-p. `sigtest.py` of
 * arXiv:2602.22193 says mid-p in its documentation and computes the exact test.
 */
export function mcnemar(
  { firstOnly, secondOnly }: Pick<PairedTable, "firstOnly" | "secondOnly">,
  { method = "auto" }: McnemarOptions = {},
): McnemarResult {
  requireCount("firstOnly", firstOnly);
  requireCount("secondOnly", secondOnly);
  requireOneOf("method", method, ["auto", "exact", "chi-squared", "mid-p"]);
  const discordant = firstOnly + secondOnly;
  if (discordant === 0) return { method: "none", discordant, statistic: null, pValue: null };

  const chosen = method === "auto" ? (discordant < EXACT_BELOW ? "exact" : "chi-squared") : method;
  if (chosen === "chi-squared") {
    const statistic = (Math.abs(firstOnly - secondOnly) - 1) ** 2 / discordant;
    return { method: chosen, discordant, statistic, pValue: chiSquaredTail(statistic) };
  }
  const smaller = Math.min(firstOnly, secondOnly);
  const exact = Math.min(1, 2 * fairLowerTail(smaller, discordant));
  if (chosen === "exact") return { method: chosen, discordant, statistic: null, pValue: exact };
  const point = binomialPmf(smaller, discordant, 0.5);
  const pValue = firstOnly === secondOnly ? 1 - point / 2 : exact - point;
  return { method: chosen, discordant, statistic: null, pValue };
}
