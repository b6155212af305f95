import { expect, test } from "vitest";
import { extractFinalAnswer, finalMessage } from "./extract-final-answer.js";

const ANALYSIS = "<|channel|>analysis<|message|>maybe <answer>Rome</answer><|end|><|start|>assistant";

test.each([
  {
    name: "tags in the thinking do not count",
    text: `${ANALYSIS}<|channel|>final<|message|><answer>Paris</answer><|return|>`,
    expected: "Paris",
  },
  {
    name: "a final channel without tags",
    text: `${ANALYSIS}<|channel|>final<|message|>It is Paris.<|return|>`,
    expected: "It is Paris.",
  },
  {
    name: "a tag that is never closed",
    text: `${ANALYSIS}<|channel|>final<|message|>So: <answer>Paris`,
    expected: "Paris",
  },
  {
    name: "a constrained final channel",
    text: `${ANALYSIS}<|channel|>final <|constrain|>text<|message|>Paris<|return|>`,
    expected: "Paris",
  },
  {
    name: "the last of two final channels",
    text: "<|channel|>final<|message|>Rome<|end|><|start|>assistant<|channel|>final<|message|>Paris",
    expected: "Paris",
  },
  { name: "no final channel", text: ANALYSIS, expected: null },
  { name: "a final channel cut before its message", text: `${ANALYSIS}<|channel|>final`, expected: null },
  { name: "an empty pair, then a full one", text: "<answer> </answer><answer>Paris</answer>", expected: "Paris" },
  {
    name: "tags in the thinking of Olmo or R1",
    text: "is it <answer>Rome</answer>?</think>\n<answer>Paris</answer>",
    expected: "Paris",
  },
  { name: "text after the thinking", text: "<think>Rome</think> Paris ", expected: "Paris" },
  { name: "thinking that never ends", text: "<think>Rome <answer>Rome</answer>", expected: null },
  { name: "a prompt that opened the tag", text: "Paris</answer> or so", expected: "Paris" },
  { name: "only an empty pair", text: "<answer></answer>", expected: "" },
  { name: "any case", text: "</THINK><Answer>Paris", expected: "Paris" },
  { name: "plain text", text: " Paris\n", expected: "Paris" },
  { name: "nothing", text: "", expected: "" },
])("$name", ({ text, expected }) => {
  expect(extractFinalAnswer(text)).toBe(expected);
});

test("the final message keeps its tags", () => {
  expect(finalMessage(`${ANALYSIS}<|channel|>final<|message|> <answer>x</answer><|return|>`)).toBe(
    " <answer>x</answer>",
  );
});
