import { type Tokenizer, UsageError } from "@pka/core";

/** The tokens that mark the structure of the harmony format. */
const MARKS = ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"] as const;
type Mark = (typeof MARKS)[number];

/** Ids of the marks in a harmony tokenizer. @throws UsageError when it has not got them. */
export function harmonyMarks(tokenizer: Tokenizer): Readonly<Record<Mark, number>> {
  const ids = MARKS.map((mark) => {
    const [id, ...more] = tokenizer.encode(mark);
    if (id !== undefined && more.length === 0) return [mark, id] as const;
    throw new UsageError(`the tokenizer does not know ${mark}: it is not o200k_harmony`);
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every mark is a key
  return Object.fromEntries(ids) as Record<Mark, number>;
}

/** One message, by positions in the tokens. */
export interface HarmonyMessage {
  readonly role: string;
  readonly channel: string;
  /** Of `<|start|>`. */
  readonly start: number;
  /** First token of the content; `undefined` while the header goes on. */
  readonly content?: number;
  /** Of the token that ends the message, or the end of all tokens. */
  readonly end: number;
  readonly isClosed: boolean;
}

/** Take tokens apart into messages. Anything before the first `<|start|>` is passed over. */
export function splitHarmony(
  tokenizer: Tokenizer,
  marks: Readonly<Record<Mark, number>>,
  tokens: readonly number[],
): HarmonyMessage[] {
  const messages: HarmonyMessage[] = [];
  const [begin, message, channel] = [marks["<|start|>"], marks["<|message|>"], marks["<|channel|>"]];
  const closing = [marks["<|end|>"], marks["<|return|>"], marks["<|call|>"]];
  /** Position of the first of `ids` in [from, to); `to` when there is none. */
  const find = (ids: readonly number[], from: number, to: number): number => {
    let at = from;
    while (at < to && !ids.includes(tokens[at]!)) at += 1;
    return at;
  };
  let start = find([begin], 0, tokens.length);
  while (start < tokens.length) {
    const end = find([...closing, begin], start + 1, tokens.length);
    const headerEnd = find([message], start + 1, end);
    const roleEnd = find([channel], start + 1, headerEnd);
    messages.push({
      role: tokenizer.decode(tokens.slice(start + 1, roleEnd)),
      channel: tokenizer.decode(tokens.slice(roleEnd + 1, headerEnd)),
      start,
      ...(headerEnd < end && { content: headerEnd + 1 }),
      end,
      isClosed: end < tokens.length && closing.includes(tokens[end]!),
    });
    start = find([begin], end, tokens.length);
  }
  return messages;
}
