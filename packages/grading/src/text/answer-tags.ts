// Python's IGNORECASE also takes the long s for an s, the Kelvin sign for a k, and both Turkish i's for an i.
const ANSWER_OPEN = /<an[s\u017f]wer>/gi;
const ANSWER_CLOSE = /<\/an[s\u017f]wer>/gi;
const THINK_CLOSE = /<\/th[i\u0130\u0131]n[k\u212a]>/gi;

export interface AnswerTags {
  readonly content: string;
  /** Where the closing tag ends. */
  readonly end: number;
}

/** The first `<answer>` at or after `from` and all up to the next closing tag. */
export function findAnswerTags(text: string, from: number): AnswerTags | undefined {
  const start = endOfNext(ANSWER_OPEN, text, from);
  const end = start && endOfNext(ANSWER_CLOSE, text, start);
  return end ? { content: text.slice(start, end - "</answer>".length), end } : undefined;
}

/** Where the first `<answer>` ends. */
export function findAnswerOpen(text: string): number | undefined {
  return endOfNext(ANSWER_OPEN, text, 0);
}

/** All before the first `</answer>`, or the whole text without one. */
export function beforeAnswerClose(text: string): string {
  const end = endOfNext(ANSWER_CLOSE, text, 0);
  return end ? text.slice(0, end - "</answer>".length) : text;
}

/** All after the last `</think>`, or the whole text without one. */
export function afterThinking(text: string): string {
  let start = 0;
  for (let end = endOfNext(THINK_CLOSE, text, 0); end; end = endOfNext(THINK_CLOSE, text, end)) start = end;
  return text.slice(start);
}

function endOfNext(tag: RegExp, text: string, from: number): number | undefined {
  tag.lastIndex = from;
  return tag.test(text) ? tag.lastIndex : undefined;
}
