import type { Clock } from "@pka/core";
import { Backoff } from "./backoff.js";

const START_CONCURRENCY = 8;
const MAX_CONCURRENCY = 1024;
/** A server's wish above this is no mere retry delay any more: worth telling the user. */
const LONG_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 15 * 60_000;
/** Refusals come at once. A probe that still runs after this long was taken, however long its answer needs. */
const PROBE_GRACE_MS = 5_000;

/** Leave to send one request. Exactly one of its methods is called, once, when the request has ended. */
export interface Permit {
  /** The server answered, with whatever answer. */
  answered(): void;
  /** It is not known whether the server would take more: connection lost, deadline passed, cancelled. */
  gaveUp(): void;
  /**
   * The server had no capacity (429, 503) or was not there. Halves the concurrency and pauses everything.
   * @param hintMs - What the server asked for.
   * @returns The pause, when this refusal is the one that began it.
   */
  refused(hintMs?: number): Pause | undefined;
}

/** Why and how long nothing is sent. */
export interface Pause {
  readonly ms: number;
  /** The server asked for more than a minute. */
  readonly isLong: boolean;
  /** Requests in flight that will be allowed afterwards. */
  readonly concurrency: number;
}

/**
 * How many requests one server takes at a time, learned from its replies: additive increase, multiplicative decrease.
 * Starts at 8 in flight, doubles per round trip while every reply is good, halves at a refusal and from then on grows by one per
 * round trip. After a refusal nothing is sent for the time that the server asks for (at most 15 min; its own back-off of
 * 0.5 to 30 s is the least), then one probe; only when that is not refused the rest follow.
 *
 * It has no timers: ask {@link tryAcquire} again when a permit was given back (see {@link onRelease}) or at {@link opensAt}.
 */
export class AdaptiveLimiter {
  #limit = START_CONCURRENCY;
  #isStarting = true;
  #inFlight = 0;
  /** Counts pauses. Refusals of requests sent before the last one say nothing new. */
  #epoch = 0;
  #pausedUntil = 0;
  #mustProbe = false;
  #probeSentAt: number | undefined;
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();

  constructor(options: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = options.clock;
    this.#backoff = new Backoff(options.random);
  }

  /** Requests in flight that are allowed now. */
  get concurrency(): number {
    return Math.floor(this.#limit);
  }

  /** Leave for one request, or `undefined` when it has to wait. */
  tryAcquire(): Permit | undefined {
    const now = this.#clock.now();
    if (now < this.#pausedUntil || this.#inFlight >= this.concurrency) return undefined;
    if (this.#mustProbe && this.#probeSentAt !== undefined) {
      if (now < this.#probeSentAt + PROBE_GRACE_MS) return undefined;
      this.#endProbing();
    }
    const isProbe = this.#mustProbe;
    if (isProbe) this.#probeSentAt = now;
    this.#inFlight += 1;
    return this.#permit(isProbe);
  }

  /**
   * From when on, on the clock, a request has leave, as far as waiting alone decides: a moment in the past is now.
   * `undefined` when only a released permit can help.
   */
  get opensAt(): number | undefined {
    if (this.#inFlight >= this.concurrency) return undefined;
    const isProbing = this.#mustProbe && this.#probeSentAt !== undefined;
    return Math.max(this.#pausedUntil, isProbing ? this.#probeSentAt! + PROBE_GRACE_MS : 0);
  }

  /** Calls `listener` whenever a permit was given back. The returned function stops that. */
  onRelease(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #permit(isProbe: boolean): Permit {
    const epoch = this.#epoch;
    const release = () => {
      this.#inFlight -= 1;
      for (const listener of this.#listeners) listener();
    };
    return {
      answered: () => {
        if (epoch === this.#epoch) {
          if (isProbe) this.#endProbing();
          this.#backoff.reset();
          this.#grow();
        }
        release();
      },
      gaveUp: () => {
        if (isProbe && epoch === this.#epoch) this.#probeSentAt = undefined;
        release();
      },
      refused: (hintMs) => {
        const pause = this.#pause(hintMs, { isNews: epoch === this.#epoch, isAlone: isProbe && this.#mustProbe });
        release();
        return pause;
      },
    };
  }

  #grow(): void {
    // A limit that nobody reached was not tested.
    if (this.#inFlight < this.concurrency) return;
    this.#limit = Math.min(MAX_CONCURRENCY, this.#limit + (this.#isStarting ? 1 : 1 / this.#limit));
  }

  #pause(hintMs: number | undefined, { isNews, isAlone }: { isNews: boolean; isAlone: boolean }): Pause | undefined {
    const now = this.#clock.now();
    const hint = Math.min(hintMs ?? 0, MAX_PAUSE_MS);
    const ms = isNews ? Math.max(hint, this.#backoff.nextMs()) : hint;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
    if (!isNews) return undefined;
    // Half of what was too much. A refused probe says nothing about concurrency.
    if (!isAlone) this.#limit = Math.max(1, Math.min(this.#limit, this.#inFlight) / 2);
    this.#isStarting = false;
    this.#epoch += 1;
    this.#mustProbe = true;
    this.#probeSentAt = undefined;
    return { ms, isLong: ms > LONG_PAUSE_MS, concurrency: this.concurrency };
  }

  #endProbing(): void {
    this.#mustProbe = false;
    this.#probeSentAt = undefined;
  }
}
