/** Time as request machinery sees it, so that tests can hurry it. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Milliseconds since 1970 by the wall clock, only to read the dates that servers send. */
  wallNow(): number;
  /** Calls `callback` once after `ms`. The returned function cancels it. `keepAlive: false` lets the process end meanwhile. */
  after(ms: number, callback: () => void, options?: { readonly keepAlive?: boolean }): () => void;
}

/** A longer `setTimeout` fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Real time. A wait beyond 24.8 days, the longest that a timer can hold, is cut to that. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after(ms, callback, { keepAlive = true } = {}) {
    const timer = setTimeout(callback, Math.min(ms, MAX_TIMER_MS));
    if (!keepAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`; rejects with the abort reason as soon as `signal` fires. */
export async function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    const abort = () => {
      cancel();
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}
