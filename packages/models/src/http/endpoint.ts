import { type Clock, redact, UsageError } from "@pka/core";
import type { Dispatcher } from "undici";
import type { AdaptiveLimiter } from "./adaptive-limiter.js";
import { parseBaseUrl } from "./base-url.js";
import { failureOfConnection } from "./failure-of-connection.js";
import { failureOfReply, isHtml, type ServerNotes } from "./failure-of-reply.js";
import { RequestFailure } from "./request-failure.js";
import { sharedLimiter } from "./shared-limiter.js";

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

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
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
    this.redact = (text) => redact(text, apiKey === undefined ? [] : [apiKey]);
    this.#notes = { baseUrl: this.baseUrl, keyHint, serverHint, redact: this.redact, hasKey: apiKey !== undefined };
  }

  /**
   * GET, or POST when there is a `body`, with the key.
   * @param options.besideV1 - `path` is relative to the server's root instead of its `/v1`.
   */
  async request(
    path: string,
    options: { readonly body?: object; readonly signal: AbortSignal; readonly besideV1?: boolean },
  ): Promise<JsonReply> {
    const { body, signal, besideV1 = false } = options;
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.#apiKey !== undefined) headers["authorization"] = `Bearer ${this.#apiKey}`;
    const url = (besideV1 ? this.baseUrl.replace(/\/v1$/, "") : this.baseUrl) + path;
    if (body === undefined) return this.exchange(url, { method: "GET", headers, signal });
    headers["content-type"] = "application/json";
    return this.exchange(url, { method: "POST", headers, signal, body: JSON.stringify(body) });
  }

  /**
   * Sends a request as it is and reads the reply. Redirects are not followed: they would carry the key elsewhere.
   * @throws RequestFailure when no connection lasts, for any status but 2xx, and for a reply that is cut, too long or no JSON.
   */
  async exchange(url: string, { body, ...request }: HttpRequest): Promise<JsonReply> {
    this.#dispatcher ??= openDispatcher();
    let reply: Dispatcher.ResponseData;
    let text: string | undefined;
    try {
      const { origin, pathname: path } = new URL(url);
      reply = await (await this.#dispatcher).request({ ...request, origin, path, body: body ?? null });
      text = await readText(reply.body);
    } catch (error) {
      throw failureOfConnection(error, this.#notes);
    }
    const { statusCode: status } = reply;
    const replyHeaders = { get: (name: string) => reply.headers[name]?.toString() ?? null };
    if (status < 200 || status > 299) {
      const { pathname: path } = new URL(url);
      const seen = { status, headers: replyHeaders, body: text ?? "", path };
      throw failureOfReply(seen, this.#notes, this.#clock.wallNow());
    }
    const requestId = replyHeaders.get("x-request-id");
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
      const isKeyReal = (this.#apiKey?.length ?? 0) >= MIN_HIDDEN_KEY;
      return JSON.parse(isKeyReal ? this.redact(text) : text);
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

async function openDispatcher(): Promise<Dispatcher> {
  const { Agent } = await import("undici");
  // A reasoning model may think for longer than the 300 s that are undici's default; deadlines are the requester's.
  return new Agent({ headersTimeout: 0, bodyTimeout: 0 });
}

/** The whole body; `undefined` when it is too long, and then the connection is closed. */
async function readText(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let numBytes = 0;
  for await (const chunk of body) {
    numBytes += chunk.length;
    if (numBytes > MAX_REPLY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
