import { afterThinking, beforeAnswerClose, findAnswerTags } from "../text/answer-tags.js";
import { strip } from "../text/white-space.js";

/**
 * The answer that a completion gives: the first non-empty `<answer>…</answer>`, else what follows the last `</think>`,
 * else the whole text. Tags count in any case; white space around the answer is dropped.
 *
 * @param text - The whole completion, thinking and chat markup included. A pair of tags inside the thinking wins over a later one.
 * @see `run_eval.py` of arXiv:2602.22193.
 */
export function extractAnswer(text: string): string {
  for (let tags = findAnswerTags(text, 0); tags; tags = findAnswerTags(text, tags.end)) {
    const answer = strip(tags.content);
    if (answer !== "") return answer;
  }
  return strip(afterThinking(text));
}

/**
 * The answer of a completion whose prompt already ended in `<answer>`: everything before the first closing tag, in any case,
 * or the whole text when it is never closed. The paper takes Olmo's and R1's answers so when they are asked not to think.
 */
export function extractBeforeCloseTag(text: string): string {
  return strip(beforeAnswerClose(text));
}
