import { type Clock, type Logger, sleep } from "@pka/core";

const WAIT_MS = 5_000;
const WARN_EVERY_MS = 60_000;
/** After so long without a 402, the next one begins a new pause. */
const NEW_PAUSE_MS = 300_000;

/** An account without credit (402) is waited for, since somebody may pay: one clock for all requests of a client. */
export class BillingPause {
  /** In seconds, as the service says. */
  maxSeconds = 3600;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #begin: number | undefined;
  #last = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Waits 5 s and resolves to `true`; `false` at once when the pause has lasted too long. */
  async wait(signal: AbortSignal | undefined): Promise<boolean> {
    const now = this.#clock.now();
    if (this.#begin === undefined || now - this.#last > NEW_PAUSE_MS) this.#begin = now;
    this.#last = now;
    if (now - this.#begin > this.maxSeconds * 1000) return false;
    if (now - this.#warnedAt > WARN_EVERY_MS) {
      this.#warnedAt = now;
      this.#logger.warn("paused: the account has no credit left (402). Waiting for somebody to add some");
    }
    await sleep(this.#clock, WAIT_MS, signal);
    return true;
  }
}
