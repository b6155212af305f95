import { type Clock, failedConnection, quote, redact } from "@pka/core";
import { TinkerError } from "./errors.js";

/** One request, to a path below `/api/v1`. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** From sending to the end of the answer. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a server answered, with whatever status. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** `fetch`, or something in its place: a proxy, a test. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 60_000;
/** A sample of a million tokens with logprobs and top-20 takes 250 MiB. */
const MAX_REPLY_BYTES = 1024 ** 3;

/** Sends single requests, without retries. */
export class Transport {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** A server has answered here, so an address that is wrong is no longer likely. */
  hasAnswered = false;
  readonly #fetch: Fetch;
  readonly #clock: Clock;
  readonly #secrets = new Set<string>();

  constructor(options: { readonly baseUrl: string; readonly fetch: Fetch; readonly clock: Clock }) {
    this.baseUrl = options.baseUrl;
    this.#fetch = options.fetch;
    this.#clock = options.clock;
  }

  /** From now on `secret` never shows in a message. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  /** Text that others wrote, fit for a message: without secrets, one line, not too long. */
  readonly quoted = (text: string): string => quote(redact(text, this.#secrets));

  /**
   * @param credential - Sent as `X-API-Key`, and from now on never shown in a message.
   * @throws TinkerError `connection` or `timeout` when no whole answer came · the abort reason when the call's signal fired.
   */
  async send(call: Call, credential: string): Promise<Reply> {
    const { method, path, body, headers, timeoutMs = TIMEOUT_MS, signal } = call;
    this.#secrets.add(credential);
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = () => controller.abort(signal!.reason);
    signal?.addEventListener("abort", abort, { once: true });
    let isLate = false;
    const cancelDeadline = this.#clock.after(timeoutMs, () => {
      isLate = true;
      controller.abort();
    });
    try {
      const response = await this.#fetch(`${this.baseUrl}/api/v1${path}`, {
        method,
        headers: {
          accept: "application/json",
          "user-agent": "pka-tinker",
          "x-api-key": credential,
          ...(typeof body === "string" && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        redirect: "manual",
        signal: controller.signal,
      });
      const reply = { status: response.status, headers: response.headers, body: await this.#read(response) };
      this.hasAnswered = true;
      return reply;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof TinkerError) throw error;
      throw isLate ? this.#late(path, timeoutMs) : this.#lost(error);
    } finally {
      cancelDeadline();
      signal?.removeEventListener("abort", abort);
    }
  }

  async #read(response: Response): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const part of response.body ?? []) {
        length += part.length;
        if (length > MAX_REPLY_BYTES) {
          throw new TinkerError(`${this.baseUrl} sent more than 1 GiB in one answer`, { kind: "invalid-request" });
        }
        parts.push(part);
      }
    } catch (error) {
      // The connection is as good as ever: a gateway spoils what comes over it.
      if (/^Z_|BROTLI|ZSTD/.test(failedConnection(error).code)) return BROKEN_COMPRESSION;
      throw error;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #late(path: string, timeoutMs: number): TinkerError {
    const seconds = Math.round(timeoutMs / 1000);
    return new TinkerError(`${this.baseUrl} did not answer ${path} within ${seconds} s`, { kind: "timeout" });
  }

  #lost(error: unknown): TinkerError {
    const { code, message, unreached } = failedConnection(error);
    if (unreached !== undefined) {
      const advice = "check the base URL (TINKER_BASE_URL), and that the server runs";
      return new TinkerError(`no server answers at ${this.baseUrl} (${unreached}): ${advice}`, { kind: "connection" });
    }
    const what = this.quoted(code || message);
    return new TinkerError(`the connection to ${this.baseUrl} was lost before the whole answer came (${what})`, {
      kind: "connection",
    });
  }
}

/** In place of a body that is not compressed as it says, and as unreadable. */
const BROKEN_COMPRESSION = new TextEncoder().encode("(broken compression)");
