import { EngineMemoryError } from "./errors.js";
import { webAssembly, type WasmMemory } from "./webassembly.js";

const PAGE_BYTES = 65_536;
/** 2 GiB: addresses stay positive as signed 32-bit numbers, which the kernels' loops compare. */
const MAX_PAGES = 32_768;

/**
 * One linear memory, handed out from bottom to top. What is allocated inside `scoped` is free again when it returns.
 * Views are made when needed and not kept: growing the memory detaches all earlier ones.
 */
export class Arena {
  readonly memory: WasmMemory = new webAssembly.Memory({ initial: 1, maximum: MAX_PAGES });
  /** Address 0 is left free, so that no allocation has it. */
  #top = 64;

  /** Address of room for `length` 4-byte numbers, aligned to a cache line; its content is whatever was there. */
  allocate(length: number): number {
    const address = this.#top;
    const end = Math.ceil((address + length * 4) / 64) * 64;
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) this.#grow(missing, end);
    this.#top = end;
    return address;
  }

  #grow(missing: number, end: number): void {
    const pages = this.memory.buffer.byteLength / PAGE_BYTES;
    // Grow by half as much again where the limit allows, so that a rising batch size does not grow page by page.
    const wanted = Math.min(MAX_PAGES - pages, Math.max(missing, Math.ceil(pages / 2)));
    try {
      if (wanted < missing) throw new RangeError("beyond the maximum");
      this.memory.grow(wanted);
    } catch (cause) {
      const needed = Math.ceil(end / 2 ** 20);
      throw new EngineMemoryError(
        `the engine needs ${needed} MiB, and 2048 MiB or the machine's free memory is the limit: use shorter sequences, smaller batches or a smaller model`,
        { cause },
      );
    }
  }

  /** Room for `length` floats, all zero. */
  allocateZeros(length: number): number {
    const address = this.allocate(length);
    this.floats(address, length).fill(0);
    return address;
  }

  /** A copy of `numbers` in the memory. */
  allocateInts(numbers: ArrayLike<number>): number {
    const address = this.allocate(numbers.length);
    this.ints(address, numbers.length).set(numbers);
    return address;
  }

  floats(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, address, length);
  }

  ints(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, address, length);
  }

  /** Copy `length` floats. */
  copy(from: number, to: number, length: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + length * 4);
  }

  /** Run `body` and free what it allocated. */
  scoped<T>(body: () => T): T {
    const mark = this.#top;
    try {
      return body();
    } finally {
      this.#top = mark;
    }
  }
}
