import * as fc from "fast-check";
import { expect, test } from "vitest";
import { extractRewardAnswer } from "./extract-reward-answer.js";
import { normalizeRewardAnswer } from "./normalize-reward-answer.js";
import { computeReward, gradeRewardAnswer } from "./reward.js";

test.each([
  { name: "the first pair, even if empty", text: "<answer> </answer><answer>Paris</answer>", expected: "" },
  { name: "all of it, with a </think>", text: "x</think>Paris", expected: "x</think>Paris" },
  { name: "all of it, with an unclosed tag", text: "x<answer>Paris ", expected: "x<answer>Paris" },
])("extractRewardAnswer takes $name", ({ text, expected }) => {
  expect(extractRewardAnswer(text)).toBe(expected);
});

test.each([
  { name: "references before tags", text: "&lt;b&gt;Paris&lt;/b&gt;", expected: "paris" },
  { name: "tags leave no space", text: "H<sub>2</sub>O", expected: "h2o" },
  { name: "empty brackets and an unclosed one are no tags", text: "<>x <y", expected: "x y" },
  { name: "an ampersand between word characters", text: "AT&amp;T, b&c&d", expected: "at and t b and c and d" },
  { name: "an ampersand between spaces", text: "Simon & Garfunkel", expected: "simon garfunkel" },
])("normalizeRewardAnswer: $name", ({ text, expected }) => {
  expect(normalizeRewardAnswer(text)).toBe(expected);
});

test.each([
  { name: "exact match", completion: "<answer>Paris</answer>", answers: ["paris"], correct: 1 },
  { name: "an answer inside a word", completion: "<answer>so smart</answer>", answers: ["art"], correct: 0.5 },
  {
    name: "an answer named while thinking, tag left open",
    completion: "maybe Paris <answer>Ro",
    answers: ["Paris"],
    correct: 0.5,
  },
  { name: "an accepted answer of articles", completion: "Rome", answers: ["The"], correct: 0.5 },
  { name: "a wrong answer", completion: "<answer>Rome</answer>", answers: ["Paris"], correct: 0 },
  { name: "no accepted answer", completion: "<answer>Rome</answer>", answers: [], correct: 0 },
])("$name earns $correct, and 0.1 less when the completion was cut", ({ completion, answers, correct }) => {
  expect(computeReward(completion, answers)).toMatchObject({ correct, format: 1, reward: correct });
  const cut = computeReward(completion, answers, { parsed: false });
  expect(cut).toMatchObject({ correct, format: 0 });
  expect(cut.reward).toBeCloseTo(correct - 0.1, 12);
  expect(computeReward(completion, answers, { parsed: false, formatCoefficient: 1 }).reward).toBe(correct - 1);
});

test("an exact match is always a recall as well", () => {
  const anyText = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(anyText, fc.array(anyText), (text, others) => {
      expect(gradeRewardAnswer(text, [...others, text])).toEqual({ exactMatch: true, recall: true });
    }),
  );
});
