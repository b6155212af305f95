import { type Tokenizer, UsageError } from "@pka/core";
import type { Message, ParsedResponse, TrainingRenderer } from "./renderer.js";
import { type RenderedMessage, supervisedExample } from "./supervised-example.js";

const THINK = "<think>";
const END_THINK = "</think>";
const END = "<|end|>";

/**
 * The chat format of the embedded model: the question, then `<think>` or, without thinking, the empty block `<think></think>`.
 * A completion is ` thoughts</think><answer> X</answer>` and the end token; without thinking it starts at `<answer>`.
 *
 * The model knows one instruction only, to answer the question, so system messages and earlier turns are left out, of prompts and
 * of training examples alike.
 *
 * @param tokenizer - One in which `<think>`, `</think>` and `<|end|>` are single tokens.
 * @throws UsageError when one of them is not; and from rendering, when there is no user message.
 */
export function tinyRenderer(tokenizer: Tokenizer): TrainingRenderer {
  const special = (text: string): number => {
    const [id, ...more] = tokenizer.encode(text);
    if (id !== undefined && more.length === 0) return id;
    throw new UsageError(`the tokenizer does not know ${text}, which the embedded model's chat format needs`);
  };
  const [think, endThink, end] = [special(THINK), special(END_THINK), special(END)];
  const opening = (thinking: boolean) => (thinking ? [think] : [think, endThink]);

  /** The last question and, where there is one, the answer to it. */
  const render = (messages: readonly Message[]): [question: RenderedMessage, answer?: RenderedMessage] => {
    const at = messages.findLastIndex((message) => message.role === "user");
    const question = messages[at];
    if (!question) throw new UsageError("the embedded model's chat format needs a user message");
    // The model was taught words together with the space before them.
    const asked = { message: question, header: [], body: tokenizer.encode(` ${question.content}`) };
    const answer = messages.slice(at + 1).find((message) => message.role === "assistant");
    if (!answer) return [asked];
    const thought = answer.thinking ? ` ${answer.thinking}${END_THINK}` : "";
    const body = tokenizer.encode(thought + answer.content + END);
    return [asked, { message: answer, header: opening(thought !== ""), body }];
  };
  const parseResponse = (tokens: readonly number[]): ParsedResponse => {
    const isComplete = tokens.at(-1) === end;
    return { text: tokenizer.decode(isComplete ? tokens.slice(0, -1) : tokens), isComplete };
  };

  return {
    name: "tiny",
    tokenizer,
    stop: [end],

    buildGenerationPrompt(messages, { thinking }) {
      const [{ body }] = render(messages);
      return [...body, ...opening(thinking)];
    },

    buildSupervisedExample(messages, trainOnWhat = "last_assistant_message") {
      return supervisedExample(
        [],
        render(messages).filter((part) => part !== undefined),
        trainOnWhat,
      );
    },

    parseResponse,

    /** `text` is everything before the end token, markup included. Without thinking in the prompt, all of it is the answer. */
    parse(tokens, { thinking }) {
      const { text } = parseResponse(tokens);
      if (!thinking) return { text, answer: text.trim() };
      const split = text.indexOf(END_THINK);
      if (split < 0) return { text, thinking: text.trim(), answer: "" };
      return { text, thinking: text.slice(0, split).trim(), answer: text.slice(split + END_THINK.length).trim() };
    },
  };
}
