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
  const closing = [marks["<|end|>"], marks["<|return|>"], marks["<|call|>"]];
  let start = tokens.indexOf(marks["<|start|>"]);
  while (start >= 0) {
    const rest = tokens.slice(start + 1);
    const close = rest.findIndex((token) => closing.includes(token) || token === marks["<|start|>"]);
    const isClosed = close >= 0 && closing.includes(rest[close]!);
    const body = close < 0 ? rest : rest.slice(0, close);
    const message = body.indexOf(marks["<|message|>"]);
    const header = message < 0 ? body : body.slice(0, message);
    const channel = header.indexOf(marks["<|channel|>"]);
    messages.push({
      role: tokenizer.decode(channel < 0 ? header : header.slice(0, channel)),
      channel: channel < 0 ? "" : tokenizer.decode(header.slice(channel + 1)),
      start,
      ...(message >= 0 && { content: start + 1 + message + 1 }),
      end: start + 1 + body.length,
      isClosed,
    });
    start = tokens.indexOf(marks["<|start|>"], start + 1 + body.length);
  }
  return messages;
}
