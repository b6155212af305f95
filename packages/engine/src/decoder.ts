import { F32_BYTES } from "./kernels/expressions.js";
import type { ModelConfig } from "./model-config.js";
import { paddedVocabSize } from "./tensors.js";
import { type Attention, type LayerActivations, Transformer } from "./transformer.js";

/** Sequences decoded side by side, at most; fewer where their cache would exceed half a GiB. */
const MAX_SLOTS = 64;
const MAX_CACHE_BYTES = 2 ** 29;

/** One row of softmax weights: probabilities before the division by their sum. Valid until the next call. */
export type ReadWeights = (row: number, sharpness: number) => Float32Array;

/** The next token of the sequence in `slot`, whose cache already holds `position` tokens. */
export interface DecodeRow {
  readonly slot: number;
  readonly token: number;
  readonly position: number;
}

/** A model with a key-value cache: reads prompts into slots, and continues many of them by one token at a time. */
export class Decoder {
  readonly model: Transformer;
  readonly numSlots: number;
  readonly #cache: number;
  /** The weights in the model now; compared by identity. */
  #loaded: Float32Array | undefined;

  constructor(config: ModelConfig) {
    this.model = new Transformer(config);
    const slotFloats = 2 * config.numLayers * config.contextLength * config.hiddenSize;
    this.numSlots = Math.max(1, Math.min(MAX_SLOTS, Math.floor(MAX_CACHE_BYTES / (slotFloats * F32_BYTES))));
    this.#cache = this.model.arena.allocate(slotFloats * this.numSlots);
  }

  /** Compute with these weights from now on. */
  use(weights: Float32Array): void {
    if (this.#loaded === weights) return;
    this.model.setWeights(weights);
    this.#loaded = weights;
  }

  /** Address of the cached keys (`which` 0) or values (1) of one slot: [contextLength, D]. */
  #cacheAddress(layer: number, which: 0 | 1, slot: number): number {
    const { contextLength, hiddenSize } = this.model.config;
    return this.#cache + ((layer * 2 + which) * this.numSlots + slot) * contextLength * hiddenSize * F32_BYTES;
  }

  /** Copy the keys and values of `rows` rows of `qkv` to the cache of `slot`, from `position` on. */
  #remember(
    layer: LayerActivations,
    index: number,
    rows: { first: number; count: number },
    slot: number,
    position: number,
  ): void {
    const { arena, config } = this.model;
    const size = config.hiddenSize;
    for (const which of [0, 1] as const) {
      const cached = this.#cacheAddress(index, which, slot) + position * size * F32_BYTES;
      for (let i = 0; i < rows.count; i++) {
        const row = layer.qkv + ((rows.first + i) * 3 + 1 + which) * size * F32_BYTES;
        arena.copy(row, cached + i * size * F32_BYTES, size);
      }
    }
  }

  /**
   * Read prompts into empty slots; one prompt may fill several. `read` is called once, with one row of weights per prompt:
   * the distribution of the token that follows it.
   */
  prefill(
    prompts: readonly { readonly tokens: readonly number[]; readonly slots: readonly number[] }[],
    read: (weights: ReadWeights) => void,
  ): void {
    const { arena, config } = this.model;
    arena.scoped(() => {
      const lengths = prompts.map(({ tokens }) => tokens.length);
      const ids = arena.allocateInts(prompts.flatMap(({ tokens }) => tokens));
      const positions = arena.allocateInts(lengths.flatMap((length) => Array.from({ length }, (_, i) => i)));
      const attendSequences = this.model.attendSequences(lengths);
      const attention: Attention = (layer, index) => {
        attendSequences(layer, index);
        let first = 0;
        for (const { tokens, slots } of prompts) {
          for (const slot of slots) this.#remember(layer, index, { first, count: tokens.length }, slot, 0);
          first += tokens.length;
        }
      };
      const count = lengths.reduce((sum, length) => sum + length, 0);
      const { hidden } = this.model.forward({ count, ids, positions }, attention, { keep: false });

      const last = arena.allocate(prompts.length * config.hiddenSize);
      let end = 0;
      for (const [row, length] of lengths.entries()) {
        end += length;
        const from = hidden + (end - 1) * config.hiddenSize * F32_BYTES;
        arena.copy(from, last + row * config.hiddenSize * F32_BYTES, config.hiddenSize);
      }
      this.#readWeights(last, prompts.length, read);
    });
  }

  /** Append one token to each row's sequence; `read` gets the distribution of the token after it, in the order of `rows`. */
  step(rows: readonly DecodeRow[], read: (weights: ReadWeights) => void): void {
    const { arena, config, headSize } = this.model;
    const { hiddenSize, numHeads } = config;
    arena.scoped(() => {
      const ids = arena.allocateInts(rows.map(({ token }) => token));
      const positions = arena.allocateInts(rows.map(({ position }) => position));
      const scores = arena.allocate(config.contextLength + 4);
      const attention: Attention = (layer, index) => {
        for (const [row, { slot, position }] of rows.entries()) {
          this.#remember(layer, index, { first: row, count: 1 }, slot, position);
          for (let head = 0; head < numHeads; head++) {
            const inHead = head * headSize * F32_BYTES;
            this.model.attend(
              {
                rows: 1,
                seen: position + 1,
                q: layer.qkv + row * 3 * hiddenSize * F32_BYTES + inHead,
                k: this.#cacheAddress(index, 0, slot) + inHead,
                v: this.#cacheAddress(index, 1, slot) + inHead,
              },
              {
                kvStride: hiddenSize,
                y: layer.attended + row * hiddenSize * F32_BYTES + inHead,
                stats: layer.stats,
                scores,
              },
            );
          }
        }
      };
      const { hidden } = this.model.forward({ count: rows.length, ids, positions }, attention, { keep: false });
      this.#readWeights(hidden, rows.length, read);
    });
  }

  #readWeights(hidden: number, rows: number, read: (weights: ReadWeights) => void): void {
    const { arena, kernels, config } = this.model;
    const padded = paddedVocabSize(config);
    const logits = arena.allocate(rows * padded);
    this.model.logits(hidden, rows, logits);
    const copy = arena.allocate(padded);
    // The kernel also wants a target and places for its logprob, which nobody reads here.
    const target = arena.allocateInts([0]);
    const unused = arena.allocate(2);
    read((row, sharpness) => {
      arena.copy(logits + row * padded * F32_BYTES, copy, padded);
      kernels.softmaxRows(1, config.vocabSize, padded, copy, sharpness, target, unused, unused + F32_BYTES);
      return arena.floats(copy, config.vocabSize);
    });
  }
}
