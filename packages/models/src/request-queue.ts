import type { Permit } from "./adaptive-limiter.js";
import type { Clock } from "./clock.js";
import type { Endpoint } from "./endpoint.js";

/** Leave to send one request to one of several equal servers. */
export interface Turn {
  readonly endpoint: Endpoint;
  readonly permit: Permit;
}

/** First come, first served: requests wait here until any of the endpoints takes one, in rotation. */
export class RequestQueue {
  readonly #waiters = new Set<(turn: Turn) => void>();
  #next = 0;
  #cancelTimer: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly clock: Clock,
  ) {}

  /** @throws the abort reason when `signal` fires before there is room. */
  async turn(signal?: AbortSignal): Promise<Turn> {
    signal?.throwIfAborted();
    const turn = this.#waiters.size === 0 ? this.#tryAcquire() : undefined;
    if (turn) return turn;
    return new Promise<Turn>((resolve, reject) => {
      const grant = (granted: Turn) => {
        signal?.removeEventListener("abort", abort);
        resolve(granted);
      };
      const abort = () => {
        this.#waiters.delete(grant);
        this.#pump();
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.add(grant);
      this.#pump();
    });
  }

  #tryAcquire(): Turn | undefined {
    for (let offset = 0; offset < this.endpoints.length; offset += 1) {
      const index = (this.#next + offset) % this.endpoints.length;
      const endpoint = this.endpoints[index]!;
      const permit = endpoint.limiter.tryAcquire();
      if (permit) {
        this.#next = index + 1;
        return { endpoint, permit };
      }
    }
    return undefined;
  }

  /** Serve who can be served, then arrange to be called again for the rest. */
  #pump(): void {
    for (const grant of this.#waiters) {
      const turn = this.#tryAcquire();
      if (!turn) break;
      this.#waiters.delete(grant);
      grant(turn);
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#waiters.size === 0) {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
      return;
    }
    this.#unsubscribe ??= this.#subscribe();
    const opensAt = Math.min(...this.endpoints.map(({ limiter }) => limiter.opensAt ?? Infinity));
    if (opensAt < Infinity)
      this.#cancelTimer = this.clock.after(Math.max(0, opensAt - this.clock.now()), () => this.#pump());
  }

  #subscribe(): () => void {
    const stops = this.endpoints.map(({ limiter }) => limiter.onRelease(() => this.#pump()));
    return () => {
      for (const stop of stops) stop();
    };
  }
}
