import { UsageError } from "@pka/core";
import type { Dispatcher } from "undici";
import type { AdaptiveLimiter } from "./adaptive-limiter.js";
import { parseBaseUrl } from "./base-url.js";
import type { Clock } from "./clock.js";
import { failureOfConnection } from "./failure-of-connection.js";
import { failureOfReply, isHtml, type ServerNotes } from "./failure-of-reply.js";
import { redactor } from "./redactor.js";
import { RequestFailure } from "./request-failure.js";
import { sharedLimiter } from "./shared-limiter.js";

/** An answer of tens of thousands of tokens with logprobs is a few megabytes. */
const MAX_REPLY_BYTES = 64 * 2 ** 20;
const MAX_ERROR_BYTES = 64 * 2 ** 10;

export interface EndpointOptions {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly keyHint: string;
  readonly serverHint: string;
  readonly maxConcurrency: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A reply that was read to its end. */
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
  readonly #apiKey: string | undefined;
  readonly #clock: Clock;
  readonly #notes: ServerNotes;
  #dispatcher: Promise<Dispatcher> | undefined;

  /** @throws UsageError for a bad URL, or a key that no header can hold. */
  constructor(options: EndpointOptions) {
    const { apiKey, keyHint, serverHint } = options;
    this.baseUrl = parseBaseUrl(options.baseUrl);
    if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
      throw new UsageError(`the API key is empty or holds blanks or other characters that no key has: ${keyHint}`);
    }
    this.limiter = sharedLimiter(this.baseUrl, apiKey, options);
    this.#apiKey = apiKey;
    this.#clock = options.clock;
    this.redact = redactor(apiKey);
    this.#notes = { baseUrl: this.baseUrl, keyHint, serverHint, redact: this.redact, hasKey: apiKey !== undefined };
  }

  /**
   * GET, or POST when there is a `body`, and the reply as JSON.
   * @param options.besideV1 - `path` is relative to the server's root instead of its `/v1`.
   */
  async request(
    path: string,
    options: { readonly body?: object; readonly signal: AbortSignal; readonly besideV1?: boolean },
  ): Promise<JsonReply> {
    const headers = new Headers({ accept: "application/json" });
    if (this.#apiKey !== undefined) headers.set("authorization", `Bearer ${this.#apiKey}`);
    const init: RequestInit = { headers, signal: options.signal };
    if (options.body !== undefined) {
      headers.set("content-type", "application/json");
      init.method = "POST";
      init.body = JSON.stringify(options.body);
    }
    const base = options.besideV1 ? this.baseUrl.replace(/\/v1$/, "") : this.baseUrl;
    return this.readJson(await this.fetch(base + path, init));
  }

  /** `fetch` without its own time limits and redirects, which would carry the key elsewhere. @throws RequestFailure unless 2xx. */
  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { fetch } = await import("undici");
    this.#dispatcher ??= openDispatcher();
    let response: Response;
    let body = "";
    try {
      const dispatcher = await this.#dispatcher;
      // undici's own fetch, because Node's built-in one need not understand this version's dispatcher. The types of the two differ.
      const send = fetch as unknown as (url: unknown, init: object) => Promise<Response>;
      response = await send(url, { ...init, redirect: "manual", dispatcher });
      if (!response.ok) body = (await readText(response, MAX_ERROR_BYTES)).text;
    } catch (error) {
      throw failureOfConnection(error, this.#notes);
    }
    if (response.ok) return response;
    const path = new URL(url instanceof Request ? url.url : url).pathname;
    const { status, headers } = response;
    throw failureOfReply({ status, headers, body, path }, this.#notes, this.#clock.wallNow());
  };

  /** The body of a 2xx reply. @throws RequestFailure when it is cut, too long or no JSON. */
  async readJson(response: Response): Promise<JsonReply> {
    const requestId = response.headers.get("x-request-id");
    let reply: { text: string; isWhole: boolean };
    try {
      reply = await readText(response, MAX_REPLY_BYTES);
    } catch (error) {
      throw failureOfConnection(error, this.#notes);
    }
    try {
      if (!reply.isWhole) throw new Error("too long");
      return { json: JSON.parse(reply.text), requestId: requestId === null ? undefined : this.redact(requestId) };
    } catch {
      throw this.#unreadable(reply);
    }
  }

  async close(): Promise<void> {
    await (await this.#dispatcher)?.close();
    this.#dispatcher = undefined;
  }

  #unreadable({ text, isWhole }: { text: string; isWhole: boolean }): RequestFailure {
    if (isHtml(text) && !this.hasAnswered) {
      const advice = "no OpenAI-compatible API there. Check the base URL; it usually ends in /v1";
      return new RequestFailure(`${this.baseUrl} answered with a web page: ${advice}`, {
        kind: "not-found",
        status: 200,
      });
    }
    const what = !isWhole
      ? `more than ${MAX_REPLY_BYTES / 2 ** 20} MiB`
      : isHtml(text)
        ? "a web page"
        : "something that is not JSON";
    return new RequestFailure(`${this.baseUrl} answered with ${what}`, {
      kind: "bad-reply",
      status: 200,
      mayHaveRun: true,
    });
  }
}

async function openDispatcher(): Promise<Dispatcher> {
  const { Agent } = await import("undici");
  // A reasoning model may think for longer than the 300 s that are undici's default; deadlines are the requester's.
  return new Agent({ headersTimeout: 0, bodyTimeout: 0 });
}

/** The body as text, as far as `maxBytes` (of the decompressed stream). */
async function readText(response: Response, maxBytes: number): Promise<{ text: string; isWhole: boolean }> {
  if (!response.body) return { text: "", isWhole: true };
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> = response.body;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return { text, isWhole: false };
    text += decoder.decode(chunk, { stream: true });
  }
  return { text: text + decoder.decode(), isWhole: true };
}
