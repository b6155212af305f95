import type { Completion } from "@pka/core";
import { expect, test } from "vitest";
import { completion, mathExample, qaExample } from "./__fixtures__/run.js";
import { classifyOutcome } from "./classify-outcome.js";
import { type Extraction, gradeCompletion } from "./verdict.js";

const qa = qaExample(0, "q", ["Paris"]);
const math = mathExample(0, "p", "$\\boxed{1}$");
const cut = { finishReason: "length" } as const;

test.each<[string, "qa" | "math", string | null, Partial<Completion>, string, Extraction?]>([
  ["an answer in tags", "qa", "<answer>Paris</answer>", {}, "answered"],
  ["an answer without tags", "qa", "Paris", {}, "answered"],
  ["no text", "qa", "", {}, "empty"],
  ["white space", "qa", " \n", {}, "empty"],
  ["null instead of text", "qa", null, {}, "empty"],
  ["a refusal", "qa", "I cannot help.", { finishReason: "refusal" }, "refused"],
  ["an empty refusal", "qa", "", { finishReason: "refusal" }, "refused"],
  ["cut inside the answer", "qa", "<answer>Par", cut, "truncated"],
  ["cut before any text", "qa", "", cut, "truncated"],
  ["cut after the answer was closed", "qa", "<answer>Paris</answer> since", cut, "answered"],
  ["cut after an empty answer", "qa", "<answer></answer> since", cut, "truncated"],
  ["cut after the close tag that the prompt opened", "qa", "Paris</answer> is", cut, "answered", "before-close-tag"],
  ["cut before that close tag", "qa", "Paris", cut, "truncated", "before-close-tag"],
  ["cut while thinking", "qa", "hmm", { ...cut, thinking: "hmm", answer: "" }, "truncated-thinking"],
  ["cut in the answer after thinking", "qa", "h</think>P", { ...cut, thinking: "h", answer: "P" }, "truncated"],
  ["cut without thinking asked for", "qa", "P", { ...cut, answer: "P" }, "truncated"],
  ["thought, then stopped without an answer", "qa", "hmm", { thinking: "hmm", answer: "" }, "unparsed"],
  ["answered in tags inside the thinking", "qa", "<answer>P</answer>", { thinking: "x", answer: "" }, "answered"],
  ["a box", "math", "so $\\boxed{1}$", {}, "answered"],
  ["no box", "math", "it is 1", {}, "unparsed"],
  ["a box that cannot be opened", "math", "\\fbox{1}", {}, "unparsed"],
  ["no text in MATH", "math", "", {}, "empty"],
  ["null in MATH", "math", null, {}, "empty"],
  ["cut after a box, which need not be the last", "math", "$\\boxed{1}$ but", cut, "truncated"],
])("%s", (_, task, text, more, expected, extraction = "answer-tags") => {
  const recorded = { ...completion("", more), text };
  const verdict = gradeCompletion(task === "qa" ? qa : math, text, extraction);
  expect(classifyOutcome(recorded, verdict, extraction)).toBe(expected);
});
