import { expect, test } from "vitest";
import { extractAnswer, extractBeforeCloseTag } from "./extract-answer.js";

test.each([
  { name: "tags", text: "I think <answer> Paris\n</answer>.", expected: "Paris" },
  { name: "tags in any case", text: "<ANSWER>Paris</Answer>", expected: "Paris" },
  { name: "the first pair that is not empty", text: "<answer> </answer><answer>Paris</answer>", expected: "Paris" },
  { name: "a pair inside the thinking", text: "<answer>Rome</answer></think><answer>Paris</answer>", expected: "Rome" },
  { name: "from an opening tag to the next closing one", text: "<answer>a<answer>b</answer>", expected: "a<answer>b" },
  { name: "after the last </think>", text: "a</think>b</THINK> Paris ", expected: "Paris" },
  { name: "all of it, with an unclosed tag", text: " <answer>Paris ", expected: "<answer>Paris" },
  { name: "nothing", text: "", expected: "" },
])("extractAnswer takes $name", ({ text, expected }) => {
  expect(extractAnswer(text)).toBe(expected);
});

test.each([
  { name: "what stands before the closing tag", text: " Paris </answer> and more", expected: "Paris" },
  { name: "what stands before the first of several", text: "Paris</Answer>Rome</answer>", expected: "Paris" },
  { name: "all of an unclosed text", text: "Paris\n", expected: "Paris" },
  { name: "nothing before a closing tag at once", text: "</answer>Paris", expected: "" },
])("extractBeforeCloseTag takes $name", ({ text, expected }) => {
  expect(extractBeforeCloseTag(text)).toBe(expected);
});
