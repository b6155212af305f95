import { type Tokenizer, UsageError } from "@pka/core";
import { describe, expect, test } from "vitest";
import type { SupervisedExample } from "./renderer.js";
import { tinyRenderer } from "./tiny-renderer.js";

const SPECIAL = ["<think>", "</think>", "<|end|>"];

/** Ids 0–127 are ASCII characters, then the special tokens. */
const tokenizer: Tokenizer = {
  vocabSize: 128 + SPECIAL.length,
  encode: (text) =>
    text
      .split(/(<think>|<\/think>|<\|end\|>)/)
      .flatMap((part) => (SPECIAL.includes(part) ? [128 + SPECIAL.indexOf(part)] : [...Buffer.from(part)])),
  decode: (tokens) => tokens.map((token) => SPECIAL[token - 128] ?? String.fromCharCode(token)).join(""),
};
const renderer = tinyRenderer(tokenizer);
const [THINK, END_THINK, END] = [128, 129, 130] as const;
const question = { role: "user", content: "Who?" } as const;

test("a prompt is the question after a space, then the start of thinking or an empty thought", () => {
  const text = [...Buffer.from(" Who?")];
  expect(renderer.buildGenerationPrompt([question], { thinking: true })).toEqual([...text, THINK]);
  expect(renderer.buildGenerationPrompt([question], { thinking: false })).toEqual([...text, THINK, END_THINK]);
});

test("system messages and earlier turns are left out", () => {
  const messages = [
    { role: "system", content: "Answer briefly." },
    { role: "user", content: "When?" },
    { role: "assistant", content: "Now." },
    question,
  ] as const;
  const alone = renderer.buildGenerationPrompt([question], { thinking: true });
  expect(renderer.buildGenerationPrompt(messages, { thinking: true })).toEqual(alone);
});

test.each([
  {
    name: "thought and answer",
    text: " lives here.</think><answer> X</answer><|end|>",
    thinking: true,
    parsed: { text: " lives here.</think><answer> X</answer>", thinking: "lives here.", answer: "<answer> X</answer>" },
  },
  {
    name: "thinking that never ended",
    text: " lives here.",
    thinking: true,
    parsed: { text: " lives here.", thinking: "lives here.", answer: "" },
  },
  {
    name: "thinking that ended twice",
    text: " a</think> b</think> c",
    thinking: true,
    parsed: { text: " a</think> b</think> c", thinking: "a", answer: "b</think> c" },
  },
  {
    name: "an answer without thinking",
    text: "<answer> X</answer><|end|>",
    thinking: false,
    parsed: { text: "<answer> X</answer>", answer: "<answer> X</answer>" },
  },
  { name: "nothing", text: "", thinking: false, parsed: { text: "", answer: "" } },
])("parses $name", ({ text, thinking, parsed }) => {
  expect(renderer.parse(tokenizer.encode(text), { thinking })).toEqual(parsed);
});

test("the end token ends a completion", () => {
  expect(renderer.stop).toEqual([END]);
});

describe("examples to train on", () => {
  const text = (tokens: readonly number[]) => tokenizer.decode(tokens);
  const trained = ({ tokens, weights }: SupervisedExample) => text(tokens.filter((_, at) => weights[at] === 1));
  const answer = { role: "assistant", content: "<answer> X</answer>" } as const;

  test("with a thought: the start of thinking belongs to the prompt", () => {
    const example = renderer.buildSupervisedExample([question, { ...answer, thinking: "lives here." }]);
    expect(text(example.tokens)).toBe(" Who?<think> lives here.</think><answer> X</answer><|end|>");
    expect(trained(example)).toBe(" lives here.</think><answer> X</answer><|end|>");
  });

  test("without one: so does the empty thought", () => {
    const example = renderer.buildSupervisedExample([question, answer]);
    expect(text(example.tokens)).toBe(" Who?<think></think><answer> X</answer><|end|>");
    expect(trained(example)).toBe("<answer> X</answer><|end|>");
  });

  test("what is trained comes back from parse", () => {
    const { tokens, weights } = renderer.buildSupervisedExample([question, { ...answer, thinking: "lives here." }]);
    const completion = tokens.filter((_, at) => weights[at] === 1);
    expect(renderer.parse(completion, { thinking: true })).toMatchObject({
      thinking: "lives here.",
      answer: "<answer> X</answer>",
    });
    expect(renderer.parseResponse(completion).isComplete).toBe(true);
    expect(renderer.parseResponse(completion.slice(0, -1)).isComplete).toBe(false);
  });

  test("of a longer conversation only the last question and its answer are rendered", () => {
    const earlier = [
      { role: "user", content: "When?" },
      { role: "assistant", content: "Now." },
    ] as const;
    const alone = renderer.buildSupervisedExample([question, answer], "all_messages");
    expect(renderer.buildSupervisedExample([...earlier, question, answer], "all_messages")).toEqual(alone);
    expect(trained(alone)).toBe(" Who?<answer> X</answer><|end|>");
  });
});

test("a prompt without a user message is refused", () => {
  const system = { role: "system", content: "Answer." } as const;
  expect(() => renderer.buildGenerationPrompt([system], { thinking: true })).toThrow("needs a user message");
});

test("a tokenizer without the markup is refused", () => {
  const plain: Tokenizer = { ...tokenizer, encode: (text) => [...Buffer.from(text)] };
  expect(() => tinyRenderer(plain)).toThrow(UsageError);
  expect(() => tinyRenderer(plain)).toThrow("does not know <think>");
});
