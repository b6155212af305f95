import type { ModelErrorKind } from "@pka/core";
import { TinkerError } from "./errors.js";
import type { Reply, Transport } from "./transport.js";

/** A reply other than 2xx, as an error. */
export function errorOfReply(
  reply: Reply,
  context: { readonly transport: Transport; readonly path: string; readonly attempts?: number | undefined },
): TinkerError {
  const { status, headers } = reply;
  const { transport, path, attempts = 1 } = context;
  const kind = kindOf(status);
  const requestId = headers.get("x-request-id");
  const suffix = attempts > 1 ? ` (after ${attempts} attempts)` : "";
  return new TinkerError(describe(reply, kind, transport, path) + suffix, {
    kind,
    status,
    attempts,
    requestId: requestId === null ? undefined : transport.quoted(requestId),
  });
}

function kindOf(status: number): ModelErrorKind {
  if (status === 402) return "quota";
  if (status === 401 || status === 403) return "auth";
  if (status === 408) return "timeout";
  if (status === 429) return "rate-limit";
  if (status < 400 || status === 404 || status === 405 || status === 410 || status === 501) return "not-found";
  if (status === 409 || status >= 500) return "overloaded";
  return "invalid-request";
}

function describe({ status, headers, body }: Reply, kind: ModelErrorKind, transport: Transport, path: string): string {
  const { baseUrl, quoted } = transport;
  const { message, isFromApi } = readDetail(body);
  const answer = `${baseUrl} answered ${status} to ${path}${message === "" ? "" : `: ${quoted(message)}`}`;
  if (status < 400) {
    const location = quoted(headers.get("location") ?? "elsewhere");
    return `${answer}, a redirect to ${location}, which is not followed: set TINKER_BASE_URL to the final address`;
  }
  if (kind === "auth") return `${answer}. Check the API key, TINKER_API_KEY`;
  if (kind === "quota") return `${answer}. The account has no credit left: add some`;
  if (status === 410) return `${answer}. It has ended: open a new client`;
  if (status === 413) return `${answer}. The request is too large: send fewer or shorter datums`;
  if (kind === "not-found" && !isFromApi) return `${answer}. No Tinker API there: check the base URL (TINKER_BASE_URL)`;
  return answer;
}

/** `{"detail": text or object}`, or whatever a proxy wrote instead. A web page says nothing worth quoting. */
function readDetail(body: Uint8Array): { readonly message: string; readonly isFromApi: boolean } {
  const text = new TextDecoder().decode(body.subarray(0, 10_000));
  try {
    const json: unknown = JSON.parse(text);
    const detail = typeof json === "object" && json !== null && "detail" in json ? json.detail : undefined;
    if (detail === undefined) return { message: text, isFromApi: false };
    return { message: typeof detail === "string" ? detail : JSON.stringify(detail), isFromApi: true };
  } catch {
    return { message: /^\s*</.test(text) ? "" : text, isFromApi: false };
  }
}
