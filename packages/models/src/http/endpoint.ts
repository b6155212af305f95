import { type Clock, redactor, UsageError } from "@pka/core";
import type { Dispatcher } from "undici";
import type { AdaptiveLimiter } from "./adaptive-limiter.js";
import { openaiBaseUrl } from "./openai-base-url.js";
import { failureOfConnection } from "./failure-of-connection.js";
import { failureOfReply, isHtml, type ServerNotes } from "./failure-of-reply.js";
import { RequestFailure } from "./request-failure.js";
import { type RawReply, sendRequest } from "./send-request.js";
import { sharedLimiter } from "./shared-limiter.js";
import type { Ending } from "./with-deadline.js";

/** An answer of a hundred thousand tokens is half a megabyte. */
const MAX_REPLY_BYTES = 16 * 2 ** 20;
/** Shorter keys are words such as "EMPTY", which an answer may hold. Real ones have 20 characters and more. */
const MIN_HIDDEN_KEY = 16;

export interface EndpointOptions {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly keyHint: string;
  readonly serverHint: string;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A 2xx reply that was read to its end. */
export interface JsonReply {
  readonly json: unknown;
  readonly requestId: string | undefined;
}

/** One server and key: its address, its limiter, and HTTP requests whose every failure is a {@link RequestFailure}. */
export class Endpoint {
  readonly baseUrl: string;
  readonly limiter: AdaptiveLimiter;
  /** Removes the key from text that the server wrote. */
  readonly redact: (text: string) => string;
  /** It gave a usable answer before. Until then, failures more likely mean a wrong address than a passing trouble. */
  hasAnswered = false;
  /** An answer may hold what is shorter: it goes through as it is. */
  readonly #isKeyReal: boolean;
  readonly #clock: Clock;
  readonly #notes: ServerNotes;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  #dispatcher: Promise<Dispatcher> | undefined;

  /** @throws UsageError for a bad URL, or a key that no header can hold. */
  constructor(options: EndpointOptions) {
    const { apiKey, keyHint, serverHint } = options;
    this.baseUrl = openaiBaseUrl(options.baseUrl);
    if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
      throw new UsageError(`the API key is empty or holds blanks or other characters that no key has: ${keyHint}`);
    }
    this.limiter = sharedLimiter(this.baseUrl, apiKey, options);
    this.redact = redactor(apiKey === undefined ? [] : [apiKey]);
    this.#isKeyReal = apiKey !== undefined && apiKey.length >= MIN_HIDDEN_KEY;
    this.#clock = options.clock;
    this.#notes = { baseUrl: this.baseUrl, keyHint, serverHint, redact: this.redact, hasKey: apiKey !== undefined };
    this.#url = new URL(this.baseUrl);
    this.#headers = {
      accept: "application/json",
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    };
  }

  /**
   * GET, or POST when there is a `body`, with the key. Redirects are not followed: they would carry the key elsewhere.
   *
   * @param options.besideV1 - `path` is relative to the server's root instead of its `/v1`.
   * @throws RequestFailure when no connection lasts, for any status but 2xx, and for a reply that is cut, too long or no JSON.
   */
  async request(
    path: string,
    options: { readonly body?: object; readonly ending: Ending; readonly besideV1?: boolean },
  ): Promise<JsonReply> {
    const { body, ending, besideV1 = false } = options;
    const { pathname } = this.#url;
    const request = {
      path: (besideV1 ? pathname.replace(/\/v1$/, "") : pathname) + path,
      ...(body === undefined
        ? { method: "GET", headers: this.#headers }
        : {
            method: "POST",
            headers: { ...this.#headers, "content-type": "application/json" },
            body: JSON.stringify(body),
          }),
    } as const;
    this.#dispatcher ??= openDispatcher(this.#url.origin);
    let reply: RawReply;
    try {
      reply = await sendRequest(await this.#dispatcher, request, { maxBytes: MAX_REPLY_BYTES, ending });
    } catch (error) {
      throw failureOfConnection(error, this.#notes);
    }
    const { status } = reply;
    const text = reply.body?.toString();
    const headers = { get: (name: string) => reply.headers[name]?.toString() ?? null };
    if (status < 200 || status > 299) {
      const seen = { status, headers, body: text ?? "", path: request.path };
      throw failureOfReply(seen, this.#notes, this.#clock.wallNow());
    }
    const requestId = headers.get("x-request-id");
    return { json: this.#parse(text), requestId: requestId === null ? undefined : this.redact(requestId) };
  }

  async close(): Promise<void> {
    await (await this.#dispatcher)?.close();
    this.#dispatcher = undefined;
  }

  #parse(text: string | undefined): unknown {
    if (text === undefined) throw this.#unreadable(`more than ${MAX_REPLY_BYTES / 2 ** 20} MiB`);
    try {
      // An answer goes into files: a server that puts the key into one must not get it there.
      return JSON.parse(this.#isKeyReal ? this.redact(text) : text);
    } catch {
      if (isHtml(text) && !this.hasAnswered) {
        const advice = "no OpenAI-compatible API there. Check the base URL; it usually ends in /v1";
        const message = `${this.baseUrl} answered with a web page: ${advice}`;
        throw new RequestFailure(message, { kind: "not-found", status: 200 });
      }
      throw this.#unreadable(isHtml(text) ? "a web page" : "something that is not JSON");
    }
  }

  #unreadable(what: string): RequestFailure {
    const message = `${this.baseUrl} answered with ${what}`;
    return new RequestFailure(message, { kind: "bad-reply", status: 200, mayHaveRun: true });
  }
}

async function openDispatcher(origin: string): Promise<Dispatcher> {
  const { Pool } = await import("undici");
  // A reasoning model may think for longer than the 300 s that are undici's default; deadlines are the requester's.
  return new Pool(origin, { headersTimeout: 0, bodyTimeout: 0 });
}
