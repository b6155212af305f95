import type { Clock } from "@pka/core";

/** The end that comes to a piece of work from outside, at most once: its time is up, or its caller wants it no longer. */
export class Ending {
  #hasCome = false;
  readonly #listeners: (() => void)[] = [];

  get hasCome(): boolean {
    return this.#hasCome;
  }

  /** Calls `listener` when the end comes, at once where it has. */
  onCome(listener: () => void): void {
    if (this.#hasCome) listener();
    else this.#listeners.push(listener);
  }

  come(): void {
    if (this.#hasCome) return;
    this.#hasCome = true;
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Runs `work` with an ending that comes after `timeoutMs`, or with `signal`.
 *
 * @param options.late - The error in place of the one that `work` throws when the time is up.
 */
export async function withDeadline<T>(
  work: (ending: Ending) => Promise<T>,
  options: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
    readonly late: () => Error;
  },
): Promise<T> {
  const { clock, timeoutMs, signal, late } = options;
  // An AbortController per request takes longer than a tenth of the request.
  const ending = new Ending();
  const abort = () => ending.come();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  let isLate = false;
  const cancelDeadline = clock.after(timeoutMs, () => {
    isLate = true;
    ending.come();
  });
  try {
    return await work(ending);
  } catch (error) {
    if (!isLate || signal?.aborted) throw error;
    throw late();
  } finally {
    cancelDeadline();
    signal?.removeEventListener("abort", abort);
  }
}
