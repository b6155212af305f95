const MAX_MS = 60_000;

/**
 * How long a reply asks us to wait, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
 * `undefined` where it does not say, or asks for more than a minute.
 *
 * @param wallNow - Milliseconds since 1970.
 */
export function retryAfterMs(headers: Pick<Headers, "get">, wallNow: number): number | undefined {
  const ms = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (ms > 0 && ms <= MAX_MS) return ms;
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = Number(text);
  const wait = Number.isNaN(seconds) ? Date.parse(text) - wallNow : seconds * 1000;
  return wait > 0 && wait <= MAX_MS ? wait : undefined;
}
