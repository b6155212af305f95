import { type Tokenizer, UsageError } from "@pka/core";
import { EngineInputError } from "./errors.js";

/** Markup of the embedded model's completions, each one token, and the token that ends a completion. */
export const SPECIAL_TOKENS = ["<think>", "</think>", "<answer>", "</answer>", "<|end|>"] as const;

/** The token that ends a completion. */
export const END_TOKEN = "<|end|>";

const NUM_BYTES = 256;
/** A word with the space before it, or one character. */
const PIECE = / ?\p{L}[\p{L}\p{N}]*|[^]/gu;
const SPECIAL = new RegExp(`(${SPECIAL_TOKENS.map((token) => token.replaceAll("|", "\\|")).join("|")})`);

/**
 * Words of a fixed vocabulary are one token each; everything else is spelled in UTF-8 bytes, so every text has tokens.
 * A token stands for its exact spelling, the space before a word included: " lives" and "lives" are two words. Therefore
 * `decode(encode(text)) === text` for every well-formed string, and decoding pieces apart or together gives the same text.
 * (A lone surrogate has no UTF-8 form and becomes U+FFFD.)
 *
 * Ids: 0–255 the bytes, 256–260 {@link SPECIAL_TOKENS}, then the words in order.
 */
export class WordTokenizer implements Tokenizer {
  /** The words, in the order of their ids. */
  readonly words: readonly string[];
  readonly vocabSize: number;
  readonly #ids = new Map<string, number>();
  readonly #bytes: Uint8Array[];

  /** @throws UsageError for a word that occurs twice or that no text is ever split into. */
  constructor(words: readonly string[]) {
    this.words = [...words];
    this.#bytes = Array.from({ length: NUM_BYTES }, (_, byte) => Uint8Array.of(byte));
    for (const piece of [...SPECIAL_TOKENS, ...words]) {
      if (this.#ids.has(piece)) throw new UsageError(`vocabulary: ${JSON.stringify(piece)} occurs twice`);
      this.#ids.set(piece, this.#bytes.push(Buffer.from(piece)) - 1);
    }
    for (const word of words) {
      const pieces = splitWords(word);
      if (pieces.length === 1) continue;
      throw new UsageError(`vocabulary: ${JSON.stringify(word)} is not one word, but ${pieces.length}`);
    }
    this.vocabSize = this.#bytes.length;
  }

  /** A tokenizer whose vocabulary is all words and characters of `texts`, in order of appearance. */
  static fromTexts(texts: Iterable<string>): WordTokenizer {
    const words = new Set<string>();
    const plain = [...texts].flatMap((text) => text.split(SPECIAL).filter((_, i) => i % 2 === 0));
    for (const text of plain) for (const piece of splitWords(text)) words.add(piece);
    return new WordTokenizer([...words]);
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    for (const part of text.split(SPECIAL)) {
      const special = this.#ids.get(part);
      const pieces = special === undefined ? splitWords(part) : [part];
      for (const piece of pieces) {
        const id = this.#ids.get(piece);
        if (id !== undefined) ids.push(id);
        else for (const byte of Buffer.from(piece)) ids.push(byte);
      }
    }
    return ids;
  }

  /** @throws EngineInputError for an id outside the vocabulary. */
  decode(tokens: readonly number[]): string {
    const parts = tokens.map((token, at) => {
      const bytes = this.#bytes[token];
      if (bytes) return bytes;
      throw new EngineInputError(
        `tokens[${at}]: ${token} is not a token id; the tokenizer's are 0 to ${this.vocabSize - 1}`,
      );
    });
    // A byte-order mark is text like any other.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(parts));
  }

  /** Id of a token by its spelling, such as `"</think>"`. @throws UsageError when it is no token. */
  tokenId(piece: string): number {
    const id = this.#ids.get(piece);
    if (id === undefined) throw new UsageError(`${JSON.stringify(piece)} is not a token of this vocabulary`);
    return id;
  }
}

function splitWords(text: string): string[] {
  return text.match(PIECE) ?? [];
}
