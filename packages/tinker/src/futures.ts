import { sleep } from "@pka/core";
import type { z } from "zod";
import { Budget } from "./budget.js";
import { errorOfReply } from "./error-of-reply.js";
import { TinkerError, TinkerRequestFailedError, TinkerResultLostError } from "./errors.js";
import type { Requester } from "./requester.js";
import type { Reply } from "./transport.js";
import {
  completeMetadataResponseSchema,
  requestFailedResponseSchema,
  tryAgainResponseSchema,
} from "./wire/future-messages.js";
import { parseJson, parseWith } from "./wire/parse-json.js";
import { WireFormatError } from "./wire/wire-format-error.js";

const PATH = "/retrieve_future";
const PROTOBUF = "application/x-protobuf";
/** The server holds a poll for up to 30 s. */
const POLL_TIMEOUT_MS = 45_000;
/** A server that does not hold polls is asked four times a second, not as fast as it can answer. */
const MIN_POLL_MS = 250;
const MAX_400 = 3;
const MAX_UNREADABLE = 3;
const WARN_EVERY_MS = 60_000;

/** How a result is read: from protobuf where there is such a form, else from JSON. */
export interface ResultFormat<T> {
  /** For the service's own statistics: `ForwardBackward`, `Sample`, … */
  readonly requestType: string;
  readonly fromJson: (json: unknown) => T;
  readonly fromProtobuf?: ((bytes: Uint8Array) => T) | undefined;
}

/** Results that are JSON only. */
export function jsonResult<T>(requestType: string, schema: z.ZodType<T>): ResultFormat<T> {
  return { requestType, fromJson: (json) => parseWith(schema, json, `result of ${requestType}`) };
}

/** The result, how many bytes it will have, or nothing yet. */
type Outcome<T> = { readonly result: T } | { readonly announcedBytes: number } | "pending";

/** Waits for the results of requests that the service has taken, by long polls. */
export class Futures {
  readonly #requester: Requester;
  readonly #maxOutageMs: number;
  #replyBytes = new Budget(50 * 1024 ** 2);
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(requester: Requester, options: { readonly maxOutageMs: number }) {
    this.#requester = requester;
    this.#maxOutageMs = options.maxOutageMs;
  }

  /** Results announced as large are fetched only while fewer bytes than this are on their way. */
  set maxReplyBytes(bytes: number) {
    this.#replyBytes = new Budget(bytes);
  }

  /**
   * The result of one request.
   *
   * @throws TinkerRequestFailedError · TinkerResultLostError · TinkerError when asking is refused, or nothing sensible came for
   * `maxOutageMs` · the abort reason when `signal` fired.
   */
  async retrieve<T>(requestId: string, format: ResultFormat<T>, signal?: AbortSignal): Promise<T> {
    const { clock, billing } = this.#requester;
    let lastGood = clock.now();
    let numFailures = 0;
    let num400 = 0;
    let numUnreadable = 0;
    let announcedBytes: number | undefined;
    for (let iteration = 0; ; iteration += 1) {
      const begin = clock.now();
      let error: TinkerError;
      try {
        const mayAnnounce = announcedBytes === undefined;
        const poll = () => this.#poll(requestId, format, { iteration, mayAnnounce, signal });
        const reply = await (mayAnnounce ? poll() : this.#replyBytes.use(announcedBytes!, poll, signal));
        const { status } = reply;
        if (status === 402 && (await billing.wait(signal))) continue;
        const outcome = this.#read(reply, requestId, format);
        if (typeof outcome === "object" && "result" in outcome) return outcome.result;
        if (typeof outcome === "object") {
          ({ announcedBytes } = outcome);
          continue;
        }
        if (outcome === "pending") {
          this.#tellQueueState(reply);
          lastGood = clock.now();
          numFailures = num400 = numUnreadable = 0;
          await sleep(clock, Math.max(0, begin + MIN_POLL_MS - clock.now()), signal);
          continue;
        }
        error = errorOfReply(reply, { transport: this.#requester.transport, path: PATH, attempts: iteration + 1 });
        if (status === 410) throw new TinkerResultLostError(`the result of ${requestId} is gone`, lost(requestId));
        if (status === 400 && num400 < MAX_400) num400 += 1;
        else if (status !== 429 && status < 500) throw error;
        else numFailures += 1;
      } catch (caught) {
        if (signal?.aborted || !(caught instanceof TinkerError) || !isPassing(caught)) throw caught;
        if (caught.kind === "bad-reply" && (numUnreadable += 1) > MAX_UNREADABLE) throw caught;
        numFailures += 1;
        error = caught;
      }
      if (clock.now() - lastGood > this.#maxOutageMs) throw error;
      await sleep(clock, numFailures === 0 ? MIN_POLL_MS : this.#requester.backoffMs(numFailures - 1), signal);
    }
  }

  async #poll<T>(
    requestId: string,
    { requestType, fromProtobuf }: ResultFormat<T>,
    state: { readonly iteration: number; readonly mayAnnounce: boolean; readonly signal: AbortSignal | undefined },
  ): Promise<Reply> {
    return this.#requester.attempt({
      method: "POST",
      path: PATH,
      body: JSON.stringify({ request_id: requestId, allow_metadata_only: state.mayAnnounce }),
      headers: {
        accept: fromProtobuf ? `${PROTOBUF}, application/json` : "application/json",
        "x-tinker-request-type": requestType,
        "x-tinker-request-iteration": String(state.iteration),
      },
      timeoutMs: POLL_TIMEOUT_MS,
      signal: state.signal,
    });
  }

  /** `undefined` for a status that says nothing about the request. @throws TinkerRequestFailedError · TinkerError `bad-reply`. */
  #read<T>(reply: Reply, requestId: string, format: ResultFormat<T>): Outcome<T> | undefined {
    if (reply.status === 408) return "pending";
    if (reply.status < 200 || reply.status >= 300) return undefined;
    try {
      if (reply.headers.get("content-type")?.startsWith(PROTOBUF)) {
        if (format.fromProtobuf) return { result: format.fromProtobuf(reply.body) };
        throw new WireFormatError(`protobuf, where ${format.requestType} has none`);
      }
      const json = parseJson(new TextDecoder().decode(reply.body));
      if (tryAgainResponseSchema.safeParse(json).success) return "pending";
      const metadata = completeMetadataResponseSchema.safeParse(json);
      if (metadata.success) return { announcedBytes: metadata.data.response_payload_size ?? 0 };
      const failed = requestFailedResponseSchema.safeParse(json);
      if (!failed.success) return { result: format.fromJson(json) };
      const { error, category } = failed.data;
      const message = `${format.requestType} failed (${category}): ${this.#requester.transport.quoted(error)}`;
      throw new TinkerRequestFailedError(message, { category, requestId });
    } catch (error) {
      throw this.#requester.badReply(error, `${PATH} of ${format.requestType}`, reply);
    }
  }

  #tellQueueState({ body }: Reply): void {
    const { clock, logger, transport } = this.#requester;
    if (body.length === 0 || body.length > 10_000 || clock.now() - this.#warnedAt < WARN_EVERY_MS) return;
    try {
      const state = tryAgainResponseSchema.parse(parseJson(new TextDecoder().decode(body)));
      if (!state.queue_state || state.queue_state === "active") return;
      this.#warnedAt = clock.now();
      const reason = state.queue_state_reason ? `: ${state.queue_state_reason}` : "";
      logger.warn(transport.quoted(`the service's queue is ${state.queue_state}${reason}`));
    } catch {
      // Only a message to a person is lost.
    }
  }
}

function lost(requestId: string) {
  return { kind: "bad-reply", status: 410, requestId } as const;
}

/** Asking again may help. A failed or lost request stays so. */
function isPassing(error: TinkerError): boolean {
  if (error instanceof TinkerRequestFailedError || error instanceof TinkerResultLostError) return false;
  return error.kind === "connection" || error.kind === "timeout" || error.kind === "bad-reply";
}
