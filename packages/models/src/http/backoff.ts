const BASE_MS = 500;
const MAX_MS = 30_000;

/**
 * Waiting times that grow and never march in step: each is drawn between 0.5 s and three times the one before, at most 30 s
 * ("decorrelated jitter").
 */
export class Backoff {
  #previousMs = BASE_MS;

  constructor(private readonly random: () => number) {}

  /** The next waiting time in milliseconds, in [500, 30 000]. */
  nextMs(): number {
    this.#previousMs = Math.min(MAX_MS, BASE_MS + this.random() * (3 * this.#previousMs - BASE_MS));
    return this.#previousMs;
  }

  reset(): void {
    this.#previousMs = BASE_MS;
  }
}
