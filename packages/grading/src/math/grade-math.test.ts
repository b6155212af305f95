import { expect, test } from "vitest";
import { gradeMath } from "./grade-math.js";

test("the last box of the completion is compared with the last box of the solution", () => {
  expect(gradeMath("\\boxed{1}, no: $\\boxed{0.5}$", "so $\\boxed{\\frac{1}{2}}$")).toEqual({
    extractedPrediction: "0.5",
    extractedGold: "\\frac{1}{2}",
    correct: true,
    bothMissing: false,
    extractionErrors: [],
  });
});

test("a missing box is wrong, two missing boxes count as correct and say so", () => {
  expect(gradeMath("nothing", "\\boxed{1}")).toMatchObject({ correct: false, bothMissing: false });
  expect(gradeMath("nothing", "no box")).toMatchObject({ correct: true, bothMissing: true, extractionErrors: [] });
});

test("a box that cannot be opened is an extraction error, and the problem is graded without it", () => {
  expect(gradeMath("\\fbox{3}", "\\fbox{3}")).toEqual({
    extractedPrediction: null,
    extractedGold: null,
    correct: true,
    bothMissing: true,
    extractionErrors: [
      { side: "prediction", message: "", box: "\\fbox{3}" },
      { side: "gold", message: "", box: "\\fbox{3}" },
    ],
  });
});
