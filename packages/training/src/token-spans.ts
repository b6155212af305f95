import type { Tokenizer } from "@pka/core";

/** A stretch of text whose tokens all have values of one sign. */
export interface TokenSpan {
  readonly text: string;
  readonly sign: -1 | 0 | 1;
}

/** Tokens as text, cut where the sign of their values changes: weights or advantages, for display in colour. */
export function tokenSpans(tokenizer: Tokenizer, tokens: readonly number[], values: ArrayLike<number>): TokenSpan[] {
  const spans: TokenSpan[] = [];
  let start = 0;
  for (let end = 1; end <= tokens.length; end++) {
    const sign = Math.sign(values[start] ?? 0) as TokenSpan["sign"];
    if (end < tokens.length && Math.sign(values[end] ?? 0) === sign) continue;
    spans.push({ text: tokenizer.decode(tokens.slice(start, end)), sign });
    start = end;
  }
  return spans;
}
