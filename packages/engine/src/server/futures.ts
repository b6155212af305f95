import { randomBytes } from "node:crypto";
import type { ForwardBackwardOutput, RequestFailedResponse, SampleResponse } from "@pka/tinker/wire";
import { failureOf } from "./api-error.js";

/** What a slow call came to. The first two also have a protobuf form. */
export type Result =
  | { readonly kind: "forward_backward"; readonly output: ForwardBackwardOutput }
  | { readonly kind: "sample"; readonly response: SampleResponse }
  | { readonly kind: "json"; readonly body: object }
  | { readonly kind: "failed"; readonly failure: RequestFailedResponse };

/** `lost`: of an earlier process, cancelled, or too old. `unknown`: never given out. */
export type Awaited = Result | "pending" | "lost" | "unknown";

interface Future {
  readonly settled: Promise<Result>;
  readonly controller: AbortController;
  /** Milliseconds since the epoch; `undefined` while it runs. */
  settledAt?: number;
}

/** Results stay for this long after they are there: a reply that got lost is asked for again. */
const KEEP_MS = 3_600_000;

/** The slow calls of one server process: started at once, asked for by long polls. */
export class Futures {
  /** Tells this process's ids from those of an earlier one. */
  readonly #process = randomBytes(4).toString("hex");
  readonly #futures = new Map<string, Future>();
  readonly #onFailure: (error: unknown) => void;
  #lastNumber = 0;

  /** @param onFailure - Told of failures that are the server's own. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Number of calls that are not done. */
  get numPending(): number {
    let count = 0;
    for (const { settledAt } of this.#futures.values()) if (settledAt === undefined) count += 1;
    return count;
  }

  /** Start `work`, whose signal fires when the call is cancelled. @returns The request's id. */
  start(work: (signal: AbortSignal) => Promise<Result>): string {
    const id = `${this.#process}.${++this.#lastNumber}`;
    const controller = new AbortController();
    const settle = async (): Promise<Result> => {
      try {
        return await work(controller.signal);
      } catch (error) {
        const failure = failureOf(error);
        if (failure.category === "server" && !controller.signal.aborted) this.#onFailure(error);
        return { kind: "failed", failure };
      } finally {
        future.settledAt = Date.now();
      }
    };
    const future: Future = { settled: Promise.resolve().then(settle), controller };
    this.#futures.set(id, future);
    return id;
  }

  /** The result, or `pending` after `holdMs`. */
  async wait(id: string, holdMs: number): Promise<Awaited> {
    const future = this.#futures.get(id);
    if (!future) return /^[0-9a-f]{8}\.\d+$/.test(id) ? "lost" : "unknown";
    let timer: NodeJS.Timeout | undefined;
    const held = new Promise<"pending">((resolve) => {
      timer = setTimeout(() => resolve("pending"), holdMs);
    });
    try {
      return await Promise.race([future.settled, held]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stop a call; nothing happens when it is done. @returns Is there such a call? */
  cancel(id: string): boolean {
    const future = this.#futures.get(id);
    future?.controller.abort(new Error("cancelled"));
    return future !== undefined;
  }

  /** Forget results that are too old. */
  sweep(now = Date.now()): void {
    for (const [id, { settledAt }] of this.#futures) {
      if (settledAt !== undefined && now - settledAt > KEEP_MS) this.#futures.delete(id);
    }
  }

  /** Resolves when nothing runs any more. */
  async drained(): Promise<void> {
    while (this.numPending > 0) await Promise.all([...this.#futures.values()].map(({ settled }) => settled));
  }
}
