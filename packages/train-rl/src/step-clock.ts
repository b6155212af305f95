import type { Metrics } from "@pka/training";

/** The time that the parts of a step take, as metrics `time/…` in seconds. */
export class StepClock {
  readonly #start = performance.now();
  readonly #seconds: Record<string, number> = {};

  /** Parts of the same name add up. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      const key = `time/${name}`;
      this.#seconds[key] = (this.#seconds[key] ?? 0) + (performance.now() - start) / 1000;
    }
  }

  metrics(): Metrics {
    return { ...this.#seconds, "time/total": (performance.now() - this.#start) / 1000 };
  }
}
