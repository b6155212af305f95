import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { olmoRenderer } from "./olmo-renderer.js";
import type { Message } from "./renderer.js";

const messages: Message[] = [
  { role: "system", content: "You will be given a question. Give your final answer in <answer></answer> tags." },
  { role: "user", content: "Who wrote Hamlet?" },
];

test("thinking: ChatML with Olmo's sentence about functions, ending in an open <think>", () => {
  const expected =
    "<|im_start|>system\nYou will be given a question. Give your final answer in <answer></answer> tags. " +
    "You do not currently have access to any functions. <functions></functions><|im_end|>\n" +
    "<|im_start|>user\nWho wrote Hamlet?<|im_end|>\n" +
    "<|im_start|>assistant\n<think>";
  expect(olmoRenderer.renderPrompt(messages, { task: "qa", thinking: true })).toBe(expected);
  expect(olmoRenderer.renderPrompt(messages, { task: "math", thinking: true })).toBe(expected);
});

test.each([
  { task: "qa" as const, ending: "<think>\n\n</think>\n<answer>" },
  { task: "math" as const, ending: "<think>\n\n</think>" },
])("no thinking, $task: DeepSeek's markers with capitalised roles and an empty thinking part", ({ task, ending }) => {
  expect(olmoRenderer.renderPrompt(messages, { task, thinking: false })).toBe(
    "<\uff5cbegin\u2581of\u2581sentence\uff5c>" +
      "<\uff5cSystem\uff5c>You will be given a question. Give your final answer in <answer></answer> tags." +
      "<\uff5cUser\uff5c>Who wrote Hamlet?<\uff5cAssistant\uff5c>" +
      ending,
  );
});

test("an earlier answer of the assistant is a turn like the others", () => {
  const conversation: Message[] = [
    { role: "system", content: "S" },
    { role: "assistant", content: "A" },
    { role: "user", content: "U" },
  ];
  expect(olmoRenderer.renderPrompt(conversation, { task: "qa", thinking: true })).toContain(
    "<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nU<|im_end|>\n",
  );
});

test("a conversation without a system message is refused, because Olmo's template would add one", () => {
  expect(() => olmoRenderer.renderPrompt([{ role: "user", content: "Hi" }], { task: "qa", thinking: true })).toThrow(
    new UsageError("Olmo's prompt starts with a system message: add one"),
  );
});

test.each([
  {
    name: "closing tag in capitals",
    text: "Marlowe? No.</THINK>\n<answer>Shakespeare</answer>",
    thinking: "Marlowe? No.",
    answer: "\n<answer>Shakespeare</answer>",
  },
  { name: "thinking that never ended", text: "Marlowe? Or", thinking: "Marlowe? Or", answer: "" },
  { name: "two closing tags", text: "a</think>b</think>c", thinking: "a", answer: "c" },
  { name: "nothing", text: "", thinking: "", answer: "" },
])("parse, thinking: $name", ({ text, thinking, answer }) => {
  expect(olmoRenderer.parse(text, { thinking: true })).toEqual({ text, thinking, answer });
});

test("parse, no thinking: everything is the answer", () => {
  const text = "Shakespeare</answer> as I think</think>";
  expect(olmoRenderer.parse(text, { thinking: false })).toEqual({ text, answer: text });
});
