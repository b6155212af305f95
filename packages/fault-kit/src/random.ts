import seedrandom from "seedrandom";

/** Draws that a seed decides. Different streams of one seed are independent. */
export class Random {
  readonly #draw: () => number;

  constructor(seed: number, stream: string | number = 0) {
    this.#draw = seedrandom(`${seed}/${stream}`);
  }

  /** A number in [0, 1). */
  next(): number {
    return this.#draw();
  }

  /** A whole number in [0, n). */
  integer(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** One element, each equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}
