import { findAnswerTags } from "../text/answer-tags.js";
import { strip } from "../text/white-space.js";

/**
 * The answer that the RL environment rewards: the first `<answer>…</answer>` even if it is empty, else the whole text.
 * Unlike the evaluation's `extractAnswer` it knows no `</think>`. Tags count in any case.
 *
 * @param text - The whole completion, thinking and chat markup included.
 */
export function extractRewardAnswer(text: string): string {
  const tags = findAnswerTags(text, 0);
  return strip(tags ? tags.content : text);
}
