import { expect, test } from "vitest";
import { gradeRefinedAnswer } from "./grade-refined-answer.js";

test.each([
  {
    name: "a refined answer with the accepted one in it",
    extracted: "Rome or Paris",
    refined: "It is Paris",
    recalled: true,
    skipped: false,
  },
  { name: "a refined answer without it", extracted: "Rome or Paris", refined: "Rome", recalled: false, skipped: false },
  { name: "an empty refinement", extracted: "Paris", refined: "", recalled: false, skipped: false },
  { name: "nothing to refine", extracted: "", refined: "Paris", recalled: false, skipped: true },
])("$name: recalled $recalled, skipped $skipped", ({ extracted, refined, recalled, skipped }) => {
  expect(gradeRefinedAnswer({ extracted, refined, answers: ["Paris"] })).toEqual({ recalled, skipped });
});

test("a curly apostrophe decides, unlike in the evaluation", () => {
  const verdict = gradeRefinedAnswer({ extracted: "x", refined: "O\u2019Connor", answers: ["O'Connor"] });
  expect(verdict.recalled).toBe(false);
});
