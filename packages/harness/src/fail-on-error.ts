import { UsageError } from "@pka/core";

/**
 * From how many failed rows on a run counts as failed: `true` = one, `false` = never, a number below 1 = that share of all rows,
 * from 1 on = so many rows.
 *
 * @see `fail_on_error` of inspect_ai, which counts in the same way.
 */
export type FailOnError = boolean | number;

/**
 * Has a run that came to its end failed, by its number of rows whose last attempt is an error?
 *
 * @throws UsageError for a number that is not above 0.
 * @example failsOnError(0.1, { errors: 9, total: 100 }) // false
 */
export function failsOnError(
  limit: FailOnError,
  { errors, total }: { readonly errors: number; readonly total: number },
): boolean {
  if (typeof limit === "boolean") return limit && errors > 0;
  if (!Number.isFinite(limit) || limit <= 0)
    throw new UsageError(`failOnError is ${limit}: it must be true, false, a share below 1 or a number of rows`);
  return errors >= (limit < 1 ? limit * total : limit);
}
