import { type ModelErrorKind, quote, type ReplyHeaders, retryAfterMs } from "@pka/core";
import { RequestFailure } from "./request-failure.js";

/** What a message about a server should tell its user. */
export interface ServerNotes {
  readonly baseUrl: string;
  /** Where the key comes from: "set OPENAI_API_KEY". Never the key. */
  readonly keyHint: string;
  /** How to get a server: "start one with `vllm serve …`". */
  readonly serverHint: string;
  readonly hasKey: boolean;
  /** Removes the key from text of the server's. */
  readonly redact: (text: string) => string;
}

const QUOTA_CODES = new Set(["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"]);

/** A reply other than 2xx, as a failure. `body` is its text. */
export function failureOfReply(
  reply: { readonly status: number; readonly headers: ReplyHeaders; readonly body: string; readonly path: string },
  notes: ServerNotes,
  wallNow: number,
): RequestFailure {
  const { status, headers, body } = reply;
  const error = parseErrorBody(body);
  const kind = kindOf(status, error.code);
  const shouldRetry = headers.get("x-should-retry");
  const requestId = headers.get("x-request-id");
  return new RequestFailure(describe(reply, kind, error, notes), {
    kind,
    status,
    requestId: requestId === null ? undefined : notes.redact(requestId),
    isRefusal: kind === "rate-limit" || status === 503 || status === 529,
    mayHaveRun: status >= 500 && status !== 503 && status !== 529,
    isRetryable: shouldRetry === "false" ? false : undefined,
    retryAfterMs: retryAfterMs(headers, wallNow),
  });
}

/** Status and error code -> what a caller can do about it. */
function kindOf(status: number, code: string | undefined): ModelErrorKind {
  if (status === 402 || (code !== undefined && QUOTA_CODES.has(code))) return "quota";
  if (status === 401 || status === 403) return "auth";
  if (status === 408) return "timeout";
  if (status === 429) return "rate-limit";
  if (status < 400 || status === 404 || status === 405 || status === 501) return "not-found";
  if (status === 409 || status === 425 || status >= 500) return "overloaded";
  return "invalid-request";
}

function describe(
  { status, headers, body, path }: { status: number; headers: ReplyHeaders; body: string; path: string },
  kind: ModelErrorKind,
  error: ErrorBody,
  { baseUrl, keyHint, hasKey, redact }: ServerNotes,
): string {
  const said = error.message === "" ? "" : `: ${quote(redact(error.message))}`;
  const answer = `${baseUrl} answered ${status}${said}`;
  if (status < 400) {
    const location = quote(redact(headers.get("location") ?? "elsewhere"));
    return `${baseUrl} answered ${status}, a redirect to ${location}, which is not followed: give the final address as base URL`;
  }
  if (kind === "auth")
    return hasKey ? `${answer}. Check the API key: ${keyHint}` : `${answer}. It needs an API key: ${keyHint}`;
  if (kind === "quota") return `${answer}. The account has no credit left: add some, or use another key`;
  if (kind === "not-found" && !error.isFromApi) {
    const page = isHtml(body) ? " with a web page" : "";
    return `${baseUrl} answered ${status}${page} for ${path}: no OpenAI-compatible API there. Check the base URL; it usually ends in /v1`;
  }
  if (error.code === "context_length_exceeded" || /maximum context length|max_model_len/i.test(error.message)) {
    return `${answer}. The question and the answer's token limit do not fit into the model's context`;
  }
  return answer;
}

interface ErrorBody {
  readonly message: string;
  readonly code: string | undefined;
  /** The API itself wrote it, rather than a web server in front of it or in its place. */
  readonly isFromApi: boolean;
}

/** Error bodies in use: `{error: {message, code}}`, `{message, code}`, `{detail}`, plain text, HTML, nothing. */
function parseErrorBody(body: string): ErrorBody {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { message: isHtml(body) ? "" : body, code: undefined, isFromApi: false };
  }
  const outer = asRecord(json);
  const inner = asRecord(outer["error"] ?? json);
  const message = inner["message"] ?? outer["error"] ?? outer["detail"] ?? "";
  const code = typeof inner["code"] === "string" ? inner["code"] : inner["type"];
  return {
    message: typeof message === "string" ? message : JSON.stringify(message),
    code: typeof code === "string" ? code : undefined,
    isFromApi: "error" in outer || "message" in inner,
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function isHtml(body: string): boolean {
  return /^\s*</.test(body);
}
