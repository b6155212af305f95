import * as fc from "fast-check";
import { expect, test } from "vitest";
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

const TAGS = [
  "<",
  "<a",
  "<>",
  "<answer>",
  "</answer>",
  "<answer> </answer>",
  "</think>",
  "&",
  "&amp",
  "&#1",
  "&a",
  "<|channel|>final",
  "<|message|>",
];
const LETTERS = [" ", "\t\u00a0", "a", "a ", "_", "“a", "\u0301", "\u{1d400}", "\ud800", "\udc00", "Σ"];
const LATEX = [
  "{",
  "}",
  "\\",
  "\\boxed{",
  "\\boxed ",
  "\\fbox{",
  "\\frac",
  "\\frac1",
  "\\sqrt1",
  "\\text{ ",
  "\\%",
  "/",
  "=",
  "1_",
  " .",
];

// A step that takes quadratic time needs about 4e10 operations here and runs into the test's time limit.
test.each([...TAGS, ...LETTERS, ...LATEX])("200,000 characters of %j are graded", (unit) => {
  const text = unit.repeat(Math.ceil(2e5 / unit.length));
  gradeEverything(text, [`${text.slice(0, 1e5)}x`]);
  grading.gradeMath(`\\boxed{${text}/1}`, `\\boxed{${text}}`);
  expect(grading.gradeAnswer(text, [text]).exactMatch).toBe(true);
});
