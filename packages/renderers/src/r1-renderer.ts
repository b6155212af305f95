import type { Message, TextRenderer } from "./renderer.js";
import { splitThinking } from "./split-thinking.js";

/**
 * `deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B` as the paper asks it. The paper's conversation is one user message.
 *
 * Thinking: the checkpoint's own chat template, which ends in an open `<think>` and a newline. The text starts with the
 * begin-of-sentence marker and a server adds that token once more: the paper's prompts carry it twice.
 * No thinking: the bare messages, no role marker, an empty thinking part and, for QA, an open `<answer>`. For MATH nothing
 * follows `</think>`: Jinja dropped the template's last newline.
 * @see `run_eval.py` and `run_eval_math.py` of arXiv:2602.22193.
 */
export const r1Renderer: TextRenderer = {
  name: "r1",
  renderPrompt(messages, { task, thinking }) {
    if (thinking) return `<｜begin▁of▁sentence｜>${messages.map(turn).join("")}<｜Assistant｜><think>\n`;
    const open = task === "qa" ? "\n<answer>" : "";
    return `${messages.map(({ content }) => content).join("")}<think>\n\n</think>${open}`;
  },
  parse: (text, { thinking }) => (thinking ? { text, ...splitThinking(text) } : { text, answer: text }),
};

function turn({ role, content }: Message): string {
  if (role === "system") return content;
  if (role === "user") return `<｜User｜>${content}`;
  // An earlier turn is shown without its thinking.
  return `<｜Assistant｜>${content.split("</think>").at(-1)}<｜end▁of▁sentence｜>`;
}
