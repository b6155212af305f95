import type { Clock } from "@pka/core";

/** A clock that jumps to the next timer as soon as nothing else is left to do, so that hours pass in milliseconds. */
export class VirtualClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets time pass until `work` has settled. @throws Error when it waits for nothing. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isSettled: false };
    const settle = () => (state.isSettled = true);
    work.then(settle, settle);
    await nextTurn();
    while (!state.isSettled) {
      this.#advance();
      await nextTurn();
    }
    return work;
  }

  #advance(): void {
    if (this.#timers.length === 0) throw new Error("the work waits for something that no timer brings");
    this.#now = Math.max(this.#now, Math.min(...this.#timers.map(({ at }) => at)));
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

/** All promises that can settle have settled. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
