import { UsageError } from "@pka/core";
import type { Message, TextRenderer } from "./renderer.js";
import { splitThinking } from "./split-thinking.js";

/**
 * `allenai/Olmo-3-7B-Think` as the paper asks it. The paper's messages are a system message and the question.
 *
 * Thinking: the checkpoint's own chat template, which ends in an open `<think>`.
 * No thinking: the paper's own layout, with DeepSeek's markers, which are plain text to Olmo's tokenizer, an empty thinking
 * part and, for QA, an open `<answer>`. For MATH nothing follows `</think>`: Jinja dropped the template's last newline.
 *
 * @throws UsageError from `renderPrompt` when the first message is not a system message: without one the checkpoint's
 * template adds a text of its own, which the paper never used.
 * @see `run_eval.py` and `run_eval_math.py` of arXiv:2602.22193.
 */
export const olmoRenderer: TextRenderer = {
  name: "olmo",
  renderPrompt(messages, { task, thinking }) {
    if (messages[0]?.role !== "system") throw new UsageError("Olmo's prompt starts with a system message: add one");
    if (thinking) return `${messages.map(chatMlTurn).join("")}<|im_start|>assistant\n<think>`;
    const open = task === "qa" ? "\n<answer>" : "";
    return `<｜begin▁of▁sentence｜>${messages.map(markedTurn).join("")}<｜Assistant｜><think>\n\n</think>${open}`;
  },
  parse: (text, { thinking }) => (thinking ? { text, ...splitThinking(text) } : { text, answer: text }),
};

function chatMlTurn({ role, content }: Message): string {
  const noTools =
    role === "system" ? " You do not currently have access to any functions. <functions></functions>" : "";
  return `<|im_start|>${role}\n${content}${noTools}<|im_end|>\n`;
}

function markedTurn({ role, content }: Message): string {
  return `<｜${role.charAt(0).toUpperCase()}${role.slice(1)}｜>${content}`;
}
