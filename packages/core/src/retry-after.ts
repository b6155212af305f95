/** Of a reply's headers, by lower-case name. */
export type ReplyHeaders = Pick<Headers, "get">;

/**
 * How long a reply asks us to wait, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
 *
 * @param wallNow - The wall clock in milliseconds since 1970, which a date is compared with.
 * @returns A positive number, however large; `undefined` when the reply does not say, says zero, a past date or nonsense.
 */
export function retryAfterMs(headers: ReplyHeaders, wallNow: number): number | undefined {
  const ms = positiveNumber(headers.get("retry-after-ms"));
  if (ms !== undefined) return ms;
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = Number(text);
  const wait = Number.isNaN(seconds) ? Date.parse(text) - wallNow : seconds * 1000;
  return wait > 0 ? wait : undefined;
}

function positiveNumber(text: string | null): number | undefined {
  const value = Number(text ?? Number.NaN);
  return value > 0 ? value : undefined;
}
