import { PkaError } from "@pka/core";
import { ApiError } from "./api-error.js";
import type { Futures, Result } from "./futures.js";
import { Submissions } from "./submissions.js";

/** A request of the sequence did not come in time, so those behind it were given up. */
class GapError extends PkaError {
  readonly code = "server_gap";
}

type Work = () => Promise<Result>;

/**
 * The training requests of one model: carried out one at a time in the order of their numbers, 1, 2, 3, …, however they arrive.
 * A request whose predecessor is missing waits for it.
 */
export class OrderedQueue {
  readonly #futures: Futures;
  readonly #submissions = new Submissions<string>("seq_id");
  readonly #gapTimeoutMs: number;
  #next = 1;
  /** Requests that came early: told to start, or to be passed over. */
  readonly #early = new Map<number, { readonly go: () => void; readonly giveUp: (reason: string) => void }>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(futures: Futures, { gapTimeoutMs }: { readonly gapTimeoutMs: number }) {
    this.#futures = futures;
    this.#gapTimeoutMs = gapTimeoutMs;
  }

  /**
   * @param seqId - Without one, the request comes after all that have arrived and been started.
   * @returns The request's id.
   * @throws ApiError 400 when the number was used for something else.
   */
  submit(seqId: number | undefined, content: Uint8Array, work: Work): string {
    if (seqId === undefined) return this.#futures.start(() => this.#enqueue(work));
    return this.#submissions.once(seqId, content, () => {
      if (seqId < this.#next) throw new ApiError(400, `seq_id ${seqId} is over; the next one is ${this.#next}`);
      return this.#futures.start((signal) =>
        seqId === this.#next ? this.#start(work) : this.#wait(seqId, work, signal),
      );
    });
  }

  #enqueue(work: Work): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #start(work: Work): Promise<Result> {
    const result = this.#enqueue(work);
    this.#advance();
    return result;
  }

  #advance(): void {
    this.#next += 1;
    const early = this.#early.get(this.#next);
    this.#early.delete(this.#next);
    early?.go();
  }

  #wait(seqId: number, work: Work, signal: AbortSignal): Promise<Result> {
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const giveUp = (reason: string): void => {
        isGivenUp = true;
        reject(new GapError(reason));
      };
      const timer = setTimeout(() => {
        giveUp(`seq_id ${this.#next} never came, so seq_id ${seqId} was not carried out`);
      }, this.#gapTimeoutMs);
      timer.unref();
      signal.addEventListener("abort", () => giveUp("cancelled"), { once: true });
      const go = (): void => {
        clearTimeout(timer);
        if (isGivenUp) this.#advance();
        else resolve(this.#start(work));
      };
      this.#early.set(seqId, { go, giveUp });
    });
  }

  /** Fail what waits for a missing request: the server stops, and it will not come any more. */
  stop(): void {
    for (const { giveUp } of this.#early.values())
      giveUp("the server stopped before the requests in front of this one came");
  }
}
