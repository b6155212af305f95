import type { Clock } from "@pka/core";

/**
 * Runs `work` with a signal that fires after `timeoutMs`, or with `signal`.
 *
 * @param options.late - The error in place of the one that `work` throws when the time is up.
 */
export async function withDeadline<T>(
  work: (ending: AbortSignal) => Promise<T>,
  options: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
    readonly late: () => Error;
  },
): Promise<T> {
  const { clock, timeoutMs, signal, late } = options;
  // One controller per request rather than AbortSignal.any: the run's signal outlives thousands of requests.
  const controller = new AbortController();
  const abort = () => controller.abort(signal!.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  let isLate = false;
  const cancelDeadline = clock.after(timeoutMs, () => {
    isLate = true;
    controller.abort();
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!isLate || signal?.aborted) throw error;
    throw late();
  } finally {
    cancelDeadline();
    signal?.removeEventListener("abort", abort);
  }
}
