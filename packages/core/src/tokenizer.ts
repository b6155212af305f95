/** Text to token ids and back. */
export interface Tokenizer {
  /** Number of token ids. */
  readonly vocabSize: number;
  /** Ids of `text`, no special token added; special tokens spelled out in the text become their ids. */
  encode(text: string): number[];
  /** Text of `tokens`, special tokens spelled out; invalid UTF-8 becomes U+FFFD. */
  decode(tokens: readonly number[]): string;
}
