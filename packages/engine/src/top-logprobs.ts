import { F32_BYTES } from "./kernels/expressions.js";
import { paddedVocabSize } from "./tensors.js";
import type { Transformer } from "./transformer.js";

/** Rows of logits that exist at once. */
const CHUNK_ROWS = 256;

/** The likeliest tokens after each of T tokens, likeliest first; of equals, the lower id comes first. */
export interface TopLogprobs {
  /** Tokens per position: what was asked for, or the whole vocabulary. */
  readonly k: number;
  /** `[T · k]` */
  readonly tokenIds: Int32Array;
  /** `[T · k]`, natural logarithms. */
  readonly logprobs: Float32Array;
}

/** `tokens` have been checked. */
export function topLogprobs(model: Transformer, tokens: readonly number[], wanted: number): TopLogprobs {
  const { arena, config } = model;
  const { vocabSize, hiddenSize } = config;
  const count = tokens.length;
  const k = Math.min(wanted, vocabSize);
  const top = { k, tokenIds: new Int32Array(count * k), logprobs: new Float32Array(count * k) };
  arena.scoped(() => {
    const ids = arena.allocateInts(tokens);
    const positions = arena.allocateInts(tokens.map((_, position) => position));
    const { hidden } = model.forward({ count, ids, positions }, model.attendSequences([count]), { keep: false });
    const padded = paddedVocabSize(config);
    const logits = arena.allocate(Math.min(count, CHUNK_ROWS) * padded);
    for (let start = 0; start < count; start += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, count - start);
      model.logits(hidden + start * hiddenSize * F32_BYTES, rows, logits);
      for (let row = 0; row < rows; row++) {
        writeRow(arena.floats(logits + row * padded * F32_BYTES, vocabSize), top, start + row);
      }
    }
  });
  return top;
}

function writeRow(logits: Float32Array, { k, tokenIds, logprobs }: TopLogprobs, row: number): void {
  const max = logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity);
  const logSum = max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
  const order = [...logits.keys()].toSorted((a, b) => logits[b]! - logits[a]! || a - b);
  for (let rank = 0; rank < k; rank++) {
    const id = order[rank]!;
    tokenIds[row * k + rank] = id;
    logprobs[row * k + rank] = logits[id]! - logSum;
  }
}
