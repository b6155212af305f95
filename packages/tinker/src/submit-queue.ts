import { TrainingInterruptedError } from "./errors.js";

/** Sends one request under the next number. */
export type SendNumbered = <T>(send: (seqId: number) => Promise<T>) => Promise<T>;

/**
 * The requests of one model, sent one after another in the order of the calls, each under its number.
 * A number that was given away and may not have reached the service leaves a gap that the service would wait at, so after such a
 * failure nothing else is sent.
 */
export class SubmitQueue {
  #nextSeqId: number;
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  /** @param firstSeqId - The number of the next request. */
  constructor(firstSeqId: number) {
    this.#nextSeqId = firstSeqId;
  }

  /**
   * Runs `turn` when the turns of all earlier calls have ended. When `signal` fires before that, it never runs.
   * @throws TrainingInterruptedError when an earlier request could not be sent · what `turn` throws · the abort reason.
   */
  run<T>(turn: (send: SendNumbered) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const result = this.#last.then(async () => {
      signal?.throwIfAborted();
      if (this.#failure) throw new TrainingInterruptedError(this.#failure.error);
      return turn(this.#send);
    });
    // The caller gets the error; the queue goes on.
    this.#last = result.catch(() => undefined);
    return result;
  }

  readonly #send: SendNumbered = async (send) => {
    try {
      return await send(this.#nextSeqId++);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  };
}
