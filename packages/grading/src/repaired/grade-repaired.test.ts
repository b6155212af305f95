import { expect, test } from "vitest";
import { normalizeRefinedAnswer } from "../ex-recall/grade-refined-answer.js";
import { gradeAnswer } from "../qa-eval/grade-answer.js";
import { gradeRewardAnswer } from "../rl-reward/reward.js";
import { normalizeRewardAnswer } from "../rl-reward/normalize-reward-answer.js";
import { gradeRepaired } from "./grade-repaired.js";

test.each([
  { name: "a symbol at the start", prediction: "It cost £100.", answers: ["£100"], exactMatch: false, recall: true },
  { name: "a symbol at the end", prediction: "about 20 ° east", answers: ["20 °"], exactMatch: false, recall: true },
  { name: "a symbol alias that is all", prediction: "£100", answers: ["£100"], exactMatch: true, recall: true },
  { name: "a number that goes on", prediction: "£1000", answers: ["£100"], exactMatch: false, recall: false },
  { name: "part of a word", prediction: "Paris is smart", answers: ["art"], exactMatch: false, recall: false },
  { name: "a whole word", prediction: "the art of war", answers: ["art"], exactMatch: false, recall: true },
  { name: "an alias of articles only", prediction: "anything", answers: ["The"], exactMatch: false, recall: false },
  { name: "the letter A, answered", prediction: " a ", answers: ["A"], exactMatch: true, recall: true },
  { name: "an empty alias", prediction: "", answers: [""], exactMatch: false, recall: false },
  { name: "two aliases of articles that differ", prediction: "the", answers: ["A"], exactMatch: false, recall: false },
  { name: "no answer", prediction: null, answers: ["Paris"], exactMatch: false, recall: false },
  { name: "no accepted answer", prediction: "Paris", answers: [], exactMatch: false, recall: false },
  { name: "a letter beyond the basic plane", prediction: "x 𝐀𝐁 y", answers: ["𝐀"], exactMatch: false, recall: false },
])("$name", ({ prediction, answers, exactMatch, recall }) => {
  expect(gradeRepaired(prediction, answers)).toEqual({ exactMatch, recall });
});

test("the faults that it repairs are there in the paper's graders", () => {
  expect(gradeAnswer("It cost £100.", ["£100"]).recall).toBe(false);
  expect(gradeAnswer("anything", ["The"]).recall).toBe(true);
  expect(gradeRewardAnswer("Paris is smart", ["art"]).recall).toBe(true);
});

test("the other graders' forms can be had", () => {
  expect(gradeRepaired("O’Hara", ["O Hara"]).exactMatch).toBe(true);
  expect(gradeRepaired("O’Hara", ["O Hara"], normalizeRefinedAnswer).exactMatch).toBe(false);
  expect(gradeRepaired("<b>R&amp;B</b>", ["R and B"], normalizeRewardAnswer).exactMatch).toBe(true);
});
