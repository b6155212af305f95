import { type Clock, type Logger, silentLogger, sleep, systemClock, UsageError } from "@pka/core";
import type { Pause } from "./adaptive-limiter.js";
import { Backoff } from "./backoff.js";
import { Endpoint } from "./endpoint.js";
import { RequestFailure } from "./request-failure.js";
import { RequestQueue } from "./request-queue.js";
import { type Ending, withDeadline } from "./with-deadline.js";

/** How requests over HTTP are sent: shared by every provider that has a server. */
export interface RequestOptions {
  /** Most requests in flight per server. Fewer while the server refuses more. Default 64. */
  readonly maxConcurrency?: number | undefined;
  /** Most requests per question, retries included. Default 10. */
  readonly maxAttempts?: number | undefined;
  /** Time for one request, from sending it to the end of its answer. Default 30 min: reasoning and full batches take long. */
  readonly timeoutMs?: number | undefined;
  /** Told of pauses and of whatever could not be done as asked. Default silent. */
  readonly logger?: Logger | undefined;
  /** Default: real time. */
  readonly clock?: Clock | undefined;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const MAX_CONCURRENCY = 64;
const MAX_ATTEMPTS = 10;
const TIMEOUT_MS = 30 * 60_000;
/** After a failure that may have been answered, and billed, on the other side. */
const MAX_ATTEMPTS_UNCERTAIN = 3;
/** While the server has never answered: likely it is not there. */
const MAX_ATTEMPTS_UNKNOWN = 3;
const MAX_RETRY_AFTER_MS = 60_000;
/** For questions about the server itself, which it answers without its model. */
const INFO_TIMEOUT_MS = 30_000;

/** Sends one request to a server, stops when its end comes, throws {@link RequestFailure}. */
export type Attempt<T> = (endpoint: Endpoint, ending: Ending) => Promise<T>;

interface Sent<T> {
  readonly value: T;
  readonly attempts: number;
  readonly possiblyBilled: number;
}

/** Sends requests to one or more equal servers, within their capacity, until one is answered or no retry is left. */
export class Requester {
  readonly endpoints: readonly Endpoint[];
  readonly #queue: RequestQueue;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #maxAttempts: number;
  readonly #timeoutMs: number;

  /** @throws UsageError for a bad URL, key or option. */
  constructor(
    servers: {
      readonly baseUrls: readonly string[];
      readonly apiKey: string | undefined;
      readonly keyHint: string;
      readonly serverHint: string;
    },
    options: RequestOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#logger = options.logger ?? silentLogger;
    this.#maxAttempts = positiveInteger("maxAttempts", options.maxAttempts ?? MAX_ATTEMPTS);
    this.#timeoutMs = positiveInteger("timeoutMs", options.timeoutMs ?? TIMEOUT_MS);
    const maxConcurrency = positiveInteger("maxConcurrency", options.maxConcurrency ?? MAX_CONCURRENCY);
    if (servers.baseUrls.length === 0) throw new UsageError("at least one base URL is needed");
    const { apiKey, keyHint, serverHint } = servers;
    const shared = { apiKey, keyHint, serverHint, clock: this.#clock, random: this.#random };
    this.endpoints = servers.baseUrls.map((baseUrl) => new Endpoint({ ...shared, baseUrl }));
    this.#queue = new RequestQueue(this.endpoints, maxConcurrency, this.#clock);
  }

  /**
   * Carries out `attempt` until it succeeds. `possiblyBilled` of the `attempts` may have been carried out although they failed.
   *
   * @throws ModelError when no retry is left; the abort reason when `signal` fired, at whatever point.
   */
  async send<T>(attempt: Attempt<T>, signal?: AbortSignal): Promise<Sent<T>> {
    const backoff = new Backoff(this.#random);
    let numUncertain = 0;
    for (let attempts = 1; ; attempts += 1) {
      const { endpoint, permit } = await this.#queue.turn(signal);
      try {
        const value = await this.#withDeadline(endpoint, attempt, this.#timeoutMs, signal);
        permit.answered();
        endpoint.hasAnswered = true;
        return { value, attempts, possiblyBilled: numUncertain };
      } catch (error) {
        if (signal?.aborted || !(error instanceof RequestFailure)) {
          permit.gaveUp();
          throw signal?.aborted ? signal.reason : error;
        }
        if (error.isRefusal) this.#tell(endpoint, error, permit.refused(error.retryAfterMs));
        else if (error.kind === "connection" || error.kind === "timeout") permit.gaveUp();
        else permit.answered();

        if (error.mayHaveRun) numUncertain += 1;
        const isLast =
          attempts >= this.#maxAttempts ||
          numUncertain >= MAX_ATTEMPTS_UNCERTAIN ||
          (error.kind === "connection" && !endpoint.hasAnswered && attempts >= MAX_ATTEMPTS_UNKNOWN);
        if (isLast || !error.isRetryable) throw error.toModelError(attempts, numUncertain, endpoint.redact);
        // A refusal makes the whole queue wait; anything else concerns this request alone.
        if (!error.isRefusal) {
          const hint = Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
          await sleep(this.#clock, Math.max(hint, backoff.nextMs()), signal);
        }
      }
    }
  }

  /**
   * Asks one server something about itself: one request, no retry, 30 s.
   * @throws ModelError · the abort reason when `signal` fired.
   */
  async askOnce<T>(endpoint: Endpoint, attempt: Attempt<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await this.#withDeadline(endpoint, attempt, INFO_TIMEOUT_MS, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof RequestFailure ? error.toModelError(1, 0, endpoint.redact) : error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.endpoints.map((endpoint) => endpoint.close()));
  }

  #withDeadline<T>(
    endpoint: Endpoint,
    attempt: Attempt<T>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const late = () => {
      const seconds = Math.round(timeoutMs / 1000);
      return new RequestFailure(`${endpoint.baseUrl} did not answer within ${seconds} s`, {
        kind: "timeout",
        mayHaveRun: true,
      });
    };
    return withDeadline((ending) => attempt(endpoint, ending), { clock: this.#clock, timeoutMs, signal, late });
  }

  #tell(endpoint: Endpoint, failure: RequestFailure, pause: Pause | undefined): void {
    if (!pause) return;
    const seconds = (pause.ms / 1000).toFixed(pause.ms < 10_000 ? 1 : 0);
    const message = `${endpoint.redact(failure.message)}. Pausing for ${seconds} s, then at most ${pause.concurrency} at a time`;
    if (pause.isLong) this.#logger.warn(message);
    else this.#logger.info(message);
  }
}

function positiveInteger(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`${name} must be a whole number of at least 1, not ${value}`);
}
