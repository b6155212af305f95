import { expect, test } from "vitest";
import { r1Renderer } from "./r1-renderer.js";
import type { Message } from "./renderer.js";

const question = "Who wrote Hamlet?\nGive your final answer in <answer></answer> tags.";
const messages: Message[] = [{ role: "user", content: question }];

test("thinking: DeepSeek's template, ending in an open <think> and a newline", () => {
  const expected =
    "<\uff5cbegin\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>Who wrote Hamlet?\n" +
    "Give your final answer in <answer></answer> tags.<\uff5cAssistant\uff5c><think>\n";
  expect(r1Renderer.renderPrompt(messages, { task: "qa", thinking: true })).toBe(expected);
  expect(r1Renderer.renderPrompt(messages, { task: "math", thinking: true })).toBe(expected);
});

test.each([
  { task: "qa" as const, expected: `${question}<think>\n\n</think>\n<answer>` },
  { task: "math" as const, expected: `${question}<think>\n\n</think>` },
])("no thinking, $task: the bare message and an empty thinking part", ({ task, expected }) => {
  expect(r1Renderer.renderPrompt(messages, { task, thinking: false })).toBe(expected);
});

test("a system message comes before the first marker and earlier thinking is left out", () => {
  const conversation: Message[] = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "<think>\neasy\n</think>\n4" },
    { role: "user", content: "3+3?" },
  ];
  expect(r1Renderer.renderPrompt(conversation, { task: "qa", thinking: true })).toBe(
    "<\uff5cbegin\u2581of\u2581sentence\uff5c>Be brief.<\uff5cUser\uff5c>2+2?<\uff5cAssistant\uff5c>\n4" +
      "<\uff5cend\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>3+3?<\uff5cAssistant\uff5c><think>\n",
  );
});

test("parse, thinking: the answer follows the closing tag", () => {
  const text = "He did.\n</think>\n\n<answer>Shakespeare</answer>";
  expect(r1Renderer.parse(text, { thinking: true })).toEqual({
    text,
    thinking: "He did.\n",
    answer: "\n\n<answer>Shakespeare</answer>",
  });
});

test("parse, thinking: a reply cut before the closing tag is all thinking", () => {
  expect(r1Renderer.parse("He did", { thinking: true })).toEqual({ text: "He did", thinking: "He did", answer: "" });
});

test("parse, no thinking: everything is the answer", () => {
  expect(r1Renderer.parse("4</answer>", { thinking: false })).toEqual({ text: "4</answer>", answer: "4</answer>" });
});
