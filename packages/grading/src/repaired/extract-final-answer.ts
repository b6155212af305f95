import { afterThinking, beforeAnswerClose, findAnswerOpen, findAnswerTags } from "../text/answer-tags.js";
import { strip } from "../text/white-space.js";

const CHANNEL = "<|channel|>";
const MESSAGE = "<|message|>";
const THINK_OPEN = /<think>/i;

/**
 * The answer that the final message of a completion gives; what was written while thinking is never looked at.
 *
 * The final message is what the last `final` channel of the harmony format holds, else what follows the last `</think>`,
 * else the whole text. In it counts the first non-empty `<answer>…</answer>`, else what follows an `<answer>` that is never closed,
 * else what stands before a `</answer>` that was never opened (the prompt had opened it), else everything.
 *
 * @param text - The whole completion, thinking and chat markup included.
 * @returns `null` when the text never comes to a final message: harmony channels without a final one, an open `<think>`.
 * @example extractFinalAnswer("<|channel|>analysis<|message|>Rome?<|end|><|start|>assistant<|channel|>final<|message|><answer>Paris") // "Paris"
 */
export function extractFinalAnswer(text: string): string | null {
  const final = finalMessage(text);
  if (final === null) return null;
  for (let tags = findAnswerTags(final, 0); tags; tags = findAnswerTags(final, tags.end)) {
    const answer = strip(tags.content);
    if (answer !== "") return answer;
  }
  const open = findAnswerOpen(final);
  return strip(open === undefined ? beforeAnswerClose(final) : beforeAnswerClose(final.slice(open)));
}

/** The final message of a completion, `null` when it never came. See {@link extractFinalAnswer}. */
export function finalMessage(text: string): string | null {
  if (text.includes(CHANNEL)) return finalChannel(text);
  const answer = afterThinking(text);
  return answer.length === text.length && THINK_OPEN.test(text) ? null : answer;
}

function finalChannel(text: string): string | null {
  const channel = text.lastIndexOf(`${CHANNEL}final`);
  const message = channel === -1 ? -1 : text.indexOf(MESSAGE, channel);
  if (message === -1) return null;
  const start = message + MESSAGE.length;
  const end = text.indexOf("<|", start);
  return text.slice(start, end === -1 ? undefined : end);
}
