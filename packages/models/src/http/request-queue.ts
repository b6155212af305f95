import type { Clock } from "@pka/core";
import type { Permit } from "./adaptive-limiter.js";
import type { Endpoint } from "./endpoint.js";

/** Leave to send one request to one of several equal servers. */
export interface Turn {
  readonly endpoint: Endpoint;
  readonly permit: Permit;
}

/** First come, first served: requests wait here until any of the endpoints takes one, in rotation. */
export class RequestQueue {
  readonly #inFlight = new Map<Endpoint, number>();
  readonly #waiters = new Set<(turn: Turn) => void>();
  #next = 0;
  #cancelTimer: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly endpoints: readonly Endpoint[],
    /** Most requests in flight per endpoint, of this queue alone. */
    private readonly maxConcurrency: number,
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
      if (this.#numInFlight(endpoint) >= this.maxConcurrency) continue;
      const permit = endpoint.limiter.tryAcquire();
      if (!permit) continue;
      this.#next = index + 1;
      return { endpoint, permit: this.#counted(endpoint, permit) };
    }
    return undefined;
  }

  #numInFlight(endpoint: Endpoint): number {
    return this.#inFlight.get(endpoint) ?? 0;
  }

  /** The permit, counted until it is given back, which wakes those who wait. */
  #counted(endpoint: Endpoint, permit: Permit): Permit {
    const count = (change: number) => this.#inFlight.set(endpoint, this.#numInFlight(endpoint) + change);
    const release = <T>(outcome: () => T): T => {
      count(-1);
      return outcome();
    };
    count(1);
    return {
      answered: () => release(() => permit.answered()),
      gaveUp: () => release(() => permit.gaveUp()),
      refused: (hintMs) => release(() => permit.refused(hintMs)),
    };
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
    // Not "is it open yet": between trying and asking the clock moves on, and nobody would come back.
    const withRoom = this.endpoints.filter((endpoint) => this.#numInFlight(endpoint) < this.maxConcurrency);
    const opensAt = Math.min(...withRoom.map(({ limiter }) => limiter.opensAt ?? Infinity));
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
