import { type Clock, sleep } from "@pka/core";
import { Budget } from "./budget.js";

const MAX_SUBMITS = 400;
const MAX_SUBMITS_AFTER_PAUSE = 10;
const AFTER_PAUSE_MS = 10_000;
const SMALL_PROMPT_BYTES = 128 * 1024;

/** How many samples of a client may be on their way: the service's limits, and its wish to be left alone for a while (429). */
export class SamplingGate {
  readonly #clock: Clock;
  readonly #samples: Budget;
  readonly #submits = new Budget(MAX_SUBMITS);
  readonly #careful = new Budget(MAX_SUBMITS_AFTER_PAUSE);
  readonly #promptBytes: Budget;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly clock: Clock; readonly maxSamples: number; readonly maxPromptBytes: number }) {
    this.#clock = options.clock;
    this.#samples = new Budget(options.maxSamples);
    this.#promptBytes = new Budget(options.maxPromptBytes);
  }

  /** From submitting a sample to its result. */
  sample<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#samples.use(1, work, signal);
  }

  /** Until the service has taken a sample. */
  submit<T>(promptBytes: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const counted = () => this.#submits.use(1, work, signal);
    const isCareful = this.#clock.now() < this.#pausedUntil + AFTER_PAUSE_MS;
    const limited = isCareful ? () => this.#careful.use(1, counted, signal) : counted;
    return this.#promptBytes.use(isCareful ? 20 * promptBytes : promptBytes, limited, signal);
  }

  /** The service had no capacity for such a prompt. */
  pause(promptBytes: number): void {
    this.#pausedUntil = this.#clock.now() + (promptBytes <= SMALL_PROMPT_BYTES ? 1000 : 5000);
  }

  async untilOpen(signal?: AbortSignal): Promise<void> {
    for (let left = this.#left(); left > 0; left = this.#left()) await sleep(this.#clock, left, signal);
  }

  #left(): number {
    return this.#pausedUntil - this.#clock.now();
  }
}
