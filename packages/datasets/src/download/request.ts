import { errorCode, type Logger, messageOf, quote, redact, retryAfterMs } from "@pka/core";
import { DownloadError } from "../errors.js";

/** What every request of one load shares. */
export interface Connection {
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal | undefined;
  readonly logger: Logger;
}

export interface RequestOptions {
  readonly method: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a bearer token to the first origin only; a redirect elsewhere never carries it. */
  readonly token?: string | undefined;
  /** `false` hands back the redirect itself. Default: all are followed. */
  readonly follows?: (target: URL, reply: Headers) => boolean;
  /** Ends this one request. */
  readonly signal?: AbortSignal | undefined;
  /** What a refusal means at this service and what to do, from the status and the reply's headers. */
  readonly explain?: ((status: number, headers: Headers) => string | undefined) | undefined;
}

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const MEANINGS: Readonly<Record<number, string>> = {
  401: "not authorized",
  403: "forbidden",
  404: "there is no such file at this address",
  429: "too many requests",
};

/**
 * One request, its redirects followed by hand: only to http(s), never from https down to http, and without the token
 * once another origin is reached.
 *
 * @returns The reply, whatever its status below 400.
 * @throws DownloadError for a status of 400 or more, a refused redirect, or no reply; the abort reason of the connection's signal.
 */
export async function request(connection: Connection, start: URL, options: RequestOptions): Promise<Response> {
  let url = start;
  let { token } = options;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const headers: Record<string, string> = { "user-agent": "pka", "accept-encoding": "identity", ...options.headers };
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    const response = await send(connection, url, { method: options.method, headers, signal: options.signal });
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) {
      if (response.ok) return response;
      throw await replyError(url, response, options);
    }
    const next = redirectTarget(url, location);
    if (options.follows?.(next, response.headers) === false) return response;
    if (next.origin !== url.origin) token = undefined;
    await response.body?.cancel();
    url = next;
  }
  throw new DownloadError(start, `redirects more than ${MAX_REDIRECTS} times`);
}

async function send(
  { fetch, signal }: Connection,
  url: URL,
  init: { method: string; headers: Record<string, string>; signal: AbortSignal | undefined },
): Promise<Response> {
  const signals = [signal, init.signal].filter((one) => one !== undefined);
  try {
    return await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.any(signals) });
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionError(url, error);
  }
}

/** No reply, or one that broke off: worth another try. */
export function connectionError(url: URL, error: unknown): DownloadError {
  // fetch says "fetch failed" or "terminated"; what happened stands in its cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const problem = errorCode(cause) ?? messageOf(cause);
  return new DownloadError(url, `no complete reply (${problem})`, { isRetryable: true, cause: error });
}

function redirectTarget(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new DownloadError(from, "redirects to an address that is none");
  const target = new URL(location, from);
  if (target.protocol !== "https:" && target.protocol !== "http:") {
    throw new DownloadError(from, `redirects to a ${target.protocol} address; only http and https are followed`);
  }
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw new DownloadError(from, "redirects from https to plain http, which is not followed");
  }
  return target;
}

async function replyError(url: URL, response: Response, { explain, token }: RequestOptions): Promise<DownloadError> {
  await response.body?.cancel();
  const { status, headers } = response;
  const meaning = explain?.(status, headers) ?? MEANINGS[status];
  const detail = headers.get("x-error-message");
  const problem = [
    `HTTP ${status}`,
    meaning === undefined ? "" : `: ${meaning}`,
    detail === null ? "" : ` (the server says: ${quote(redact(detail, token === undefined ? [] : [token]))})`,
  ].join("");
  return new DownloadError(url, problem, {
    status,
    isRetryable: RETRYABLE.has(status),
    retryAfterMs: retryAfterMs(headers, Date.now()),
  });
}
