/** So much of something, such as bytes, may be in use at one time. Who comes first is served first. */
export class Budget {
  readonly #capacity: number;
  #used = 0;
  readonly #waiting: { readonly amount: number; readonly start: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Runs `work` while it holds `amount`. More than there is at all counts as everything.
   * Rejects with the abort reason when `signal` fires before `work` began.
   */
  async use<T>(amount: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const share = Math.min(amount, this.#capacity);
    await this.#acquire(share, signal);
    try {
      return await work();
    } finally {
      this.#used -= share;
      this.#startNext();
    }
  }

  async #acquire(amount: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#used + amount <= this.#capacity) {
      this.#used += amount;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const entry = {
        amount,
        start: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        this.#startNext();
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.push(entry);
    });
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next && this.#used + next.amount <= this.#capacity; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#used += next.amount;
      next.start();
    }
  }
}
