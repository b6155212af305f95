import { type Tokenizer, UsageError } from "@pka/core";
import { expect, test } from "vitest";
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

test("a prompt without a user message is refused", () => {
  const system = { role: "system", content: "Answer." } as const;
  expect(() => renderer.buildGenerationPrompt([system], { thinking: true })).toThrow("needs a user message");
});

test("a tokenizer without the markup is refused", () => {
  const plain: Tokenizer = { ...tokenizer, encode: (text) => [...Buffer.from(text)] };
  expect(() => tinyRenderer(plain)).toThrow(UsageError);
  expect(() => tinyRenderer(plain)).toThrow("does not know <think>");
});
