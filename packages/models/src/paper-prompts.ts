import type { Ask, Task } from "@pka/core";
import type { Message } from "@pka/renderers";

/** Raised whenever a sentence below changes, so that runs with old and new prompts are never mixed. */
export const PROMPT_VERSION = "paper-1";

/**
 * Where a model family takes the instruction:
 * `user` in front of the question (gpt-5.2) · `system` in a system message (gpt-oss, Olmo, chat) · `after` behind the question (R1).
 */
export type PromptStyle = "user" | "system" | "after";

type Asked = Pick<Ask, "task" | "question" | "cues">;

/**
 * The messages of one question, in the words of the paper; a whole prompt is one user message in every style.
 *
 * @see `run_eval.py` and `run_eval_math.py` of arXiv:2602.22193. The first public version of `run_eval.py` (2026-01-24) lacked the
 * space between the two sentences; this is the later one.
 */
export function paperMessages(style: PromptStyle, ask: Asked): Message[] {
  const { task, cues, question } = ask;
  if (task === "prompt") return [{ role: "user", content: question }];
  const instruction = instructionFor(task, cues);
  const preamble = `You will be given a question. ${instruction}`;
  if (style === "user") return [{ role: "user", content: `${preamble} ${question}` }];
  if (style === "after") return [{ role: "user", content: `${question}\n${instruction}` }];
  return [
    { role: "system", content: preamble },
    { role: "user", content: question },
  ];
}

function instructionFor(task: Task, cues: boolean): string {
  const answer = task === "math" ? "final answer in \\boxed{}." : "final answer in <answer></answer> tags.";
  return cues ? `Think step-by-step and give your ${answer}` : `Give your ${answer}`;
}
