import { type Tokenizer, UsageError } from "@pka/core";
import type { TokenRenderer } from "./renderer.js";

const THINK = "<think>";
const END_THINK = "</think>";
const END = "<|end|>";

/**
 * The chat format of the embedded model: the question, then `<think>` or, without thinking, the empty block `<think></think>`.
 * A completion is ` thoughts</think><answer> X</answer>` and the end token; without thinking it starts at `<answer>`.
 *
 * The model knows one instruction only, to answer the question, so system messages and earlier turns are left out of the prompt.
 *
 * @param tokenizer - One in which `<think>`, `</think>` and `<|end|>` are single tokens.
 * @throws UsageError when one of them is not; and from `buildGenerationPrompt`, when there is no user message.
 */
export function tinyRenderer(tokenizer: Tokenizer): TokenRenderer {
  const special = (text: string): number => {
    const [id, ...more] = tokenizer.encode(text);
    if (id !== undefined && more.length === 0) return id;
    throw new UsageError(`the tokenizer does not know ${text}, which the embedded model's chat format needs`);
  };
  const [think, endThink, end] = [special(THINK), special(END_THINK), special(END)];

  return {
    name: "tiny",
    tokenizer,
    stop: [end],

    buildGenerationPrompt(messages, { thinking }) {
      const question = messages.findLast((message) => message.role === "user");
      if (!question) throw new UsageError("the embedded model's chat format needs a user message");
      // The model was taught words together with the space before them.
      const prompt = tokenizer.encode(` ${question.content}`);
      return thinking ? [...prompt, think] : [...prompt, think, endThink];
    },

    /** `text` is everything before the end token, markup included. Without thinking in the prompt, all of it is the answer. */
    parse(tokens, { thinking }) {
      const text = tokenizer.decode(tokens.at(-1) === end ? tokens.slice(0, -1) : tokens);
      if (!thinking) return { text, answer: text.trim() };
      const split = text.indexOf(END_THINK);
      if (split < 0) return { text, thinking: text.trim(), answer: "" };
      return { text, thinking: text.slice(0, split).trim(), answer: text.slice(split + END_THINK.length).trim() };
    },
  };
}
