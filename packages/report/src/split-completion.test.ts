import { expect, test } from "vitest";
import { splitCompletion } from "./split-completion.js";

test.each([
  {
    name: "harmony",
    text: "<|channel|>analysis<|message|>So <b>.<|end|><|start|>assistant<|channel|>final<|message|><answer>X</answer>",
    expected: { thinking: "So <b>.", answer: "<answer>X</answer>", isOpen: false },
  },
  {
    name: "harmony without thinking",
    text: "<|channel|>final<|message|><answer>X</answer><|return|>",
    expected: { thinking: null, answer: "<answer>X</answer>", isOpen: false },
  },
  {
    name: "harmony cut while thinking",
    text: "<|channel|>analysis<|message|>So",
    expected: { thinking: "So", answer: "", isOpen: true },
  },
  {
    name: "a closing tag in any case",
    text: "<think>So</THINK>\n\n X",
    expected: { thinking: "So", answer: "X", isOpen: false },
  },
  { name: "an opening tag alone", text: "<think>So", expected: { thinking: "So", answer: "", isOpen: true } },
  { name: "plain text", text: "X", expected: { thinking: null, answer: "X", isOpen: false } },
])("$name", ({ text, expected }) => {
  expect(splitCompletion(text, false)).toEqual(expected);
});

test("text that should hold thinking and no end of it is all thinking", () => {
  expect(splitCompletion("So X", true)).toEqual({ thinking: "So X", answer: "", isOpen: true });
});
