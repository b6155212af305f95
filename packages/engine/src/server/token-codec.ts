import type { Tokenizer } from "@pka/core";

/** The same text in two vocabularies: the engine's, and the one that clients of this model use. */
export interface AlignedTokens {
  /** Ids of the engine. */
  readonly tokens: readonly number[];
  /** For each of `tokens`, the position of the client's token that it belongs to. Never falls. */
  readonly owners: readonly number[];
}

/**
 * Between the token ids that clients of a model send and get, and the engine's.
 * A client's token has the sum of the logprobs of the engine's tokens that belong to it, so sequences have equal logprobs on both sides.
 * What comes from `fromEngine` is read back by `toEngine` with the same text, though not always the same tokens: a model can
 * spell a word in bytes. Logprobs are therefore always those of the tokens that are read back, when sampling and when training alike.
 */
export interface TokenCodec {
  /** The client's. */
  readonly tokenizer: Tokenizer;
  /** Do both sides use the same ids? */
  readonly isIdentity: boolean;
  /** A prompt, or a prompt with its completion. */
  toEngine(tokens: readonly number[]): AlignedTokens;
  /** Token ids that end a completion, beside the engine's own end of text. */
  stopIds(tokens: readonly number[]): number[];
  /** What the engine sampled after `prompt`, which is in the client's vocabulary. */
  fromEngine(prompt: readonly number[], completion: readonly number[]): number[];
}

/** The engine's own vocabulary. */
export function identityCodec(tokenizer: Tokenizer): TokenCodec {
  return {
    tokenizer,
    isIdentity: true,
    toEngine: (tokens) => ({ tokens, owners: [...tokens.keys()] }),
    stopIds: (tokens) => [...tokens],
    fromEngine: (_prompt, completion) => [...completion],
  };
}

/** Sums of `values`, one for each owner; 0 where nothing is owned. @param count - Number of owners. */
export function sumByOwner(values: ArrayLike<number>, owners: readonly number[], count: number): Float32Array {
  const sums = new Float64Array(count);
  for (const [i, owner] of owners.entries()) if (owner >= 0 && owner < count) sums[owner]! += values[i]!;
  return Float32Array.from(sums);
}
