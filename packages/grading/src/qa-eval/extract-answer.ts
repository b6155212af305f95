import { strip } from "../text/white-space.js";

// Python's IGNORECASE also takes the long s for an s, the Kelvin sign for a k, and both Turkish i's for an i.
const OPEN_TAG = /<an[s\u017f]wer>/gi;
const CLOSE_TAG = /<\/an[s\u017f]wer>/gi;
const THINK_END = /<\/th[i\u0130\u0131]n[k\u212a]>/gi;

/**
 * The answer that a completion gives: the first non-empty `<answer>…</answer>`, else what follows the last `</think>`,
 * else the whole text. Tags count in any case; white space around the answer is dropped.
 *
 * @param text - The whole completion, thinking and chat markup included. A pair of tags inside the thinking wins over a later one.
 * @see `run_eval.py` of arXiv:2602.22193.
 */
export function extractAnswer(text: string): string {
  let from = 0;
  for (;;) {
    const open = nextMatch(OPEN_TAG, text, from);
    const close = open && nextMatch(CLOSE_TAG, text, open.end);
    if (!close) break;
    const answer = strip(text.slice(open.end, close.start));
    if (answer !== "") return answer;
    from = close.end;
  }
  let thinkEnd = 0;
  for (let match = nextMatch(THINK_END, text, 0); match; match = nextMatch(THINK_END, text, match.end)) {
    thinkEnd = match.end;
  }
  return strip(text.slice(thinkEnd));
}

/**
 * The answer of a completion whose prompt already ended in `<answer>`: everything before the first closing tag, in any case,
 * or the whole text when it is never closed. The paper takes Olmo's and R1's answers so when they are asked not to think.
 */
export function extractBeforeCloseTag(text: string): string {
  return strip(text.slice(0, nextMatch(CLOSE_TAG, text, 0)?.start));
}

interface TagMatch {
  readonly start: number;
  readonly end: number;
}

function nextMatch(tag: RegExp, text: string, from: number): TagMatch | undefined {
  tag.lastIndex = from;
  const match = tag.exec(text);
  return match ? { start: match.index, end: tag.lastIndex } : undefined;
}
