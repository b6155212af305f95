import { type Clock, type Logger, retryAfterMs, sleep } from "@pka/core";
import type { z } from "zod";
import { BillingPause } from "./billing-pause.js";
import type { Credentials } from "./credentials.js";
import { errorOfReply } from "./error-of-reply.js";
import { TinkerError } from "./errors.js";
import type { Call, Reply, Transport } from "./transport.js";
import { parseJson, parseWith } from "./wire/parse-json.js";
import { WireFormatError } from "./wire/wire-format-error.js";

/** A server that asks for more is not taken at its word. */
const MAX_HINT_MS = 60_000;
/** While no server has ever answered: likely it is not there. */
const MAX_ATTEMPTS_UNKNOWN = 3;
/** A 400 without any body comes from a proxy, not from the service. */
const MAX_EMPTY_400 = 16;
/** An answer that a gateway spoilt; the server knows a repetition. */
const MAX_UNREADABLE = 3;
const MAX_WAIT_MS = 30_000;

export interface RequesterOptions {
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** How long after its first attempt a request is still retried. */
  readonly maxRetryMs: number;
  /** Of calls that have none. */
  readonly signal: AbortSignal | undefined;
}

export interface RetryRule {
  /** Send once only. Default: retry. */
  readonly once?: boolean | undefined;
  /** Statuses that are an answer too, besides 2xx: returned, not thrown. */
  readonly accept?: readonly number[] | undefined;
}

/**
 * Sends requests with the key, again where that can help: a lost connection, a timeout, 408, 409, 429, 5xx, a billing pause and an
 * unreadable answer.
 */
export class Requester {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly billing: BillingPause;
  readonly #credentials: Credentials;
  readonly #maxRetryMs: number;
  readonly #signal: AbortSignal | undefined;
  /** An answer was once understood, so this is the right server, and what is unreadable was spoilt on the way. */
  #hasUnderstood = false;

  constructor(options: RequesterOptions) {
    this.transport = options.transport;
    this.clock = options.clock;
    this.random = options.random;
    this.logger = options.logger;
    this.billing = new BillingPause(options.clock, options.logger);
    this.#credentials = options.credentials;
    this.#maxRetryMs = options.maxRetryMs;
    this.#signal = options.signal;
  }

  /** One request, no retry. @throws TinkerError when no whole answer came · the abort reason. */
  async attempt(call: Call): Promise<Reply> {
    return this.transport.send({ ...call, signal: call.signal ?? this.#signal }, await this.#credentials.get());
  }

  /**
   * Carries out a call. Its body is the same in every attempt, so that the server can tell a repetition.
   * @param attemptsBefore - How often it was sent already.
   * @throws TinkerError when no retry is left or none can help · the abort reason when the call's signal fired.
   */
  async send(sent: Call, { once = false, accept = [] }: RetryRule = {}, attemptsBefore = 0): Promise<Reply> {
    const call = { ...sent, signal: sent.signal ?? this.#signal };
    const begin = this.clock.now();
    const keyed = withKey(call);
    let numEmpty400 = 0;
    for (let attempts = attemptsBefore + 1; ; attempts += 1) {
      let error: TinkerError;
      let reply: Reply | undefined;
      try {
        reply = await this.attempt(keyed);
        const { status } = reply;
        if ((status >= 200 && status < 300) || accept.includes(status)) return reply;
        // The attempt before was carried out after all.
        if (call.method === "DELETE" && status === 404 && attempts > 1) return { ...reply, status: 204 };
        if (status === 402 && (await this.billing.wait(call.signal))) continue;
        error = errorOfReply(reply, { transport: this.transport, path: call.path, attempts });
      } catch (caught) {
        if (call.signal?.aborted || !(caught instanceof TinkerError)) throw caught;
        error = caught;
      }
      if (reply?.status === 400 && isEmpty(reply)) numEmpty400 += 1;
      const isLast =
        once ||
        this.clock.now() - begin >= this.#maxRetryMs ||
        (!this.transport.hasAnswered && attempts >= MAX_ATTEMPTS_UNKNOWN);
      if (isLast || !this.#mayRetry(error, reply, numEmpty400)) throw error;
      const hint = reply && retryAfterMs(reply.headers, this.clock.wallNow());
      const wait = hint !== undefined && hint <= MAX_HINT_MS ? hint : this.backoffMs(attempts - 1);
      await sleep(this.clock, wait, call.signal);
    }
  }

  /** 0.75 to 1 times 2ⁿ s, at most 30 s: retries of several requests never march in step. */
  backoffMs(n: number): number {
    return Math.min(MAX_WAIT_MS, 1000 * 2 ** n) * (0.75 + 0.25 * this.random());
  }

  /** `send`, and the answer's JSON. @throws TinkerError `bad-reply` when it has another shape. */
  async json<T>(schema: z.ZodType<T>, call: Call, rule?: RetryRule): Promise<T> {
    return this.understood(call, (reply) => this.readJson(schema, reply, call.path), rule);
  }

  /** `send`, and what `read` makes of the answer; sent again where that is unreadable. @throws TinkerError `bad-reply` */
  async understood<T>(call: Call, read: (reply: Reply) => T, rule?: RetryRule): Promise<T> {
    const keyed = withKey(call);
    for (let numUnreadable = 0; ; numUnreadable += 1) {
      const reply = await this.send(keyed, rule, numUnreadable);
      try {
        const answer = read(reply);
        this.#hasUnderstood = true;
        return answer;
      } catch (error) {
        const mayRetry = this.#hasUnderstood && !rule?.once && numUnreadable < MAX_UNREADABLE;
        if (!mayRetry || !(error instanceof TinkerError && error.kind === "bad-reply")) throw error;
      }
      await sleep(this.clock, this.backoffMs(numUnreadable), call.signal ?? this.#signal);
    }
  }

  /** @throws TinkerError `bad-reply` when the body is not the JSON that `schema` says. */
  readJson<T>(schema: z.ZodType<T>, reply: Reply, path: string): T {
    try {
      return parseWith(schema, parseJson(new TextDecoder().decode(reply.body)), "its answer");
    } catch (error) {
      throw this.badReply(error, path, reply);
    }
  }

  /** An answer that could not be read. Other errors than {@link WireFormatError} pass through. */
  badReply(error: unknown, path: string, reply?: Reply): unknown {
    if (!(error instanceof WireFormatError)) return error;
    const what = this.transport.quoted(error.message);
    return new TinkerError(`${this.transport.baseUrl} answered ${path} with something unreadable: ${what}`, {
      kind: "bad-reply",
      status: reply?.status,
    });
  }

  #mayRetry(error: TinkerError, reply: Reply | undefined, numEmpty400: number): boolean {
    const { status } = error;
    const wish = reply?.headers.get("x-should-retry");
    if (wish === "true" || wish === "false") return wish === "true";
    if (status === undefined) return error.kind === "connection" || error.kind === "timeout";
    if (status === 400) return numEmpty400 > 0 && numEmpty400 <= MAX_EMPTY_400;
    return status === 408 || status === 409 || status === 429 || status >= 500;
  }
}

/** By which the server knows a repetition. */
function withKey(call: Call): Call {
  if (call.method === "GET" || call.headers?.["x-idempotency-key"] !== undefined) return call;
  return { ...call, headers: { "x-idempotency-key": `pka-${crypto.randomUUID()}`, ...call.headers } };
}

function isEmpty({ headers, body }: Reply): boolean {
  return body.length === 0 && headers.get("content-length") === "0";
}
