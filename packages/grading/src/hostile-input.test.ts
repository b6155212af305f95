import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HOSTILE_UNITS } from "./__fixtures__/hostile-units.js";
import * as grading from "./index.js";

function gradeEverything(text: string, answers: readonly string[]): void {
  grading.gradeAnswer(grading.extractAnswer(text), answers);
  grading.gradeAnswer(grading.extractBeforeCloseTag(text), answers);
  grading.gradeRefinedAnswer({ extracted: text, refined: text, answers });
  grading.computeReward(text, answers);
  grading.gradeRepaired(grading.extractFinalAnswer(text), answers);
  for (const answer of answers) grading.gradeMath(text, answer);
  grading.stripString(text);
  grading.removeBoxed(text);
}

test("nothing throws on any text", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "<answer>",
      "</answer>",
      "</think>",
      "<|channel|>final",
      "<|message|>",
      "\\boxed{",
      "\\boxed ",
      "\\frac",
      "\\sqrt",
      "\\text{ ",
      "&",
      "&#",
    ),
    fc.string({ unit: "binary" }),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 3 }), (prediction, answers) => gradeEverything(prediction, answers)),
  );
});

// A step that takes quadratic time needs about 4e10 operations here and runs into the test's time limit.
test.each(HOSTILE_UNITS)("200,000 characters of %j are graded", (unit) => {
  const text = unit.repeat(Math.ceil(2e5 / unit.length));
  gradeEverything(text, [`${text.slice(0, 1e5)}x`]);
  grading.gradeMath(`\\boxed{${text}/1}`, `\\boxed{${text}}`);
  expect(grading.gradeAnswer(text, [text]).exactMatch).toBe(true);
});
