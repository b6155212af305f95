/** Mean and variance of numbers that pass by (Welford 1962). */
export class Moments {
  #count = 0;
  #sum = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    const before = value - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (value - this.#mean);
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** 0 of nothing. */
  get mean(): number {
    return this.#mean;
  }

  /** Of the sample, n − 1 in the denominator; 0 below two numbers. */
  get variance(): number {
    return this.#count < 2 ? 0 : this.#squares / (this.#count - 1);
  }
}
