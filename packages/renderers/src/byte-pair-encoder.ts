import { MinHeap } from "./min-heap.js";

const MAX_CACHED_WORDS = 1 << 16;
const MAX_CACHED_LENGTH = 64;
const MERGED = -1;

/**
 * Byte-pair encoding: text is split into words, and in each word the neighbours whose joint has the lowest rank are joined,
 * the leftmost first, until no joint is in the vocabulary. Time grows as n·log(n) with the length of a word.
 *
 * Vocabulary entries are byte strings: one character, U+0000 to U+00FF, for each byte.
 */
export class BytePairEncoder {
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #pattern: RegExp;
  /** Bytes of the longest entry. */
  readonly #longest: number;
  /** Texts repeat their words, so most of them are found here. */
  readonly #cache = new Map<string, readonly number[]>();

  /**
   * @param ranks - Byte string → rank, which is its token id. Every single byte has to be in it.
   * @param pattern - With the flags `g` and `u`; its matches are the words. What it does not match is dropped.
   */
  constructor(ranks: ReadonlyMap<string, number>, pattern: RegExp) {
    this.#ranks = ranks;
    this.#pattern = pattern;
    let longest = 0;
    for (const { length } of ranks.keys()) longest = Math.max(longest, length);
    this.#longest = longest;
  }

  /** Token ids of `text`. A lone surrogate is encoded as U+FFFD. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const word of text.match(this.#pattern) ?? []) {
      for (const id of this.#cache.get(word) ?? this.#encodeWord(word)) ids.push(id);
    }
    return ids;
  }

  #encodeWord(word: string): readonly number[] {
    const bytes = Buffer.from(word, "utf8").toString("latin1");
    const rank = this.#ranks.get(bytes);
    const ids = rank === undefined ? this.#merge(bytes) : [rank];
    if (word.length <= MAX_CACHED_LENGTH) {
      if (this.#cache.size >= MAX_CACHED_WORDS) this.#cache.clear();
      this.#cache.set(word, ids);
    }
    return ids;
  }

  #merge(bytes: string): number[] {
    const n = bytes.length;
    // A part is known by the byte it starts at: where it ends, where the part before it starts, and the rank of its joint with the next.
    const end = Int32Array.from({ length: n + 1 }, (_, i) => i + 1);
    const previous = Int32Array.from({ length: n + 1 }, (_, i) => i - 1);
    const joint = new Int32Array(n).fill(MERGED);
    const queue = new MinHeap();

    const rankJoint = (start: number) => {
      const next = end[start]!;
      const stop = next < n ? end[next]! : Infinity;
      const rank = stop - start <= this.#longest ? this.#ranks.get(bytes.slice(start, stop)) : undefined;
      joint[start] = rank ?? MERGED;
      // Rank first, then position: both fit into one number.
      if (rank !== undefined) queue.push(rank * 2 ** 32 + start);
    };
    for (let start = 0; start < n - 1; start++) rankJoint(start);

    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const start = key % 2 ** 32;
      // What a joint was before one of its sides grew is still in the queue.
      if (joint[start] !== Math.floor(key / 2 ** 32)) continue;
      const next = end[start]!;
      joint[next] = MERGED;
      end[start] = end[next]!;
      previous[end[start]] = start;
      rankJoint(start);
      if (start > 0) rankJoint(previous[start]!);
    }

    const ids: number[] = [];
    for (let start = 0; start < n; start = end[start]!) ids.push(this.#ranks.get(bytes.slice(start, end[start]))!);
    return ids;
  }
}
