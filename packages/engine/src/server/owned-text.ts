import type { Tokenizer } from "@pka/core";

/** A text, and for each of its UTF-16 units the token that it came from. Edits keep the two in step. */
export class OwnedText {
  readonly text: string;
  readonly owners: readonly number[];

  constructor(text: string, owners: readonly number[]) {
    this.text = text;
    this.owners = owners;
  }

  /** The text of `tokens`, the first of which has the number `start`. */
  static of(tokenizer: Tokenizer, tokens: readonly number[], start = 0): OwnedText {
    let text = "";
    const owners: number[] = [];
    for (const { piece, last } of splitPieces(tokenizer, tokens)) {
      text += piece;
      for (let i = 0; i < piece.length; i++) owners.push(start + last);
    }
    return new OwnedText(text, owners);
  }

  /** A text that belongs to one token as a whole. */
  static from(text: string, owner: number): OwnedText {
    return new OwnedText(
      text,
      Array.from({ length: text.length }, () => owner),
    );
  }

  /** Replace every match; what is new belongs to the owner of the match's end. @param pattern - Global, and never matches "". */
  replace(pattern: RegExp, replacement: (match: string, group: string) => string): OwnedText {
    let text = "";
    const owners: number[] = [];
    let end = 0;
    for (const match of this.text.matchAll(pattern)) {
      text += this.text.slice(end, match.index);
      owners.push(...this.owners.slice(end, match.index));
      end = match.index + match[0].length;
      const inserted = replacement(match[0], match[1] ?? "");
      text += inserted;
      for (let i = 0; i < inserted.length; i++) owners.push(this.owners[end - 1]!);
    }
    return new OwnedText(text + this.text.slice(end), [...owners, ...this.owners.slice(end)]);
  }

  /** Its tokens in another vocabulary; each belongs to the owner of its last unit. */
  encode(tokenizer: Tokenizer): { readonly tokens: number[]; readonly owners: number[] } {
    const tokens = tokenizer.encode(this.text);
    const owners: number[] = [];
    let end = 0;
    for (const { piece, last } of splitPieces(tokenizer, tokens)) {
      end += piece.length;
      while (owners.length <= last) owners.push(this.owners[Math.min(end, this.owners.length) - 1] ?? -1);
    }
    return { tokens, owners };
  }
}

/** Most bytes of a character. */
const MAX_BYTES = 4;

/** Texts of tokens, one at a time; tokens that hold parts of one character stay together. `last` is the position of a piece's last token. */
function* splitPieces(
  tokenizer: Tokenizer,
  tokens: readonly number[],
): Generator<{ readonly piece: string; readonly last: number }> {
  let start = 0;
  for (let last = 0; last < tokens.length; last++) {
    const piece = tokenizer.decode(tokens.slice(start, last + 1));
    const isPart = piece.includes("\uFFFD") && last + 1 - start < MAX_BYTES && last + 1 < tokens.length;
    if (isPart) continue;
    yield { piece, last };
    start = last + 1;
  }
}
