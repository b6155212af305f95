import { expect, test } from "vitest";
import { findOverlap } from "./find-overlap.js";

const evaluation = [
  { question: "Who wrote Hamlet?", answers: ["William Shakespeare", "Shakespeare"] },
  { question: "Where is Paris?", answers: ["France"] },
];

test.each([
  {
    name: "other case, punctuation and article",
    question: "who wrote the hamlet",
    answers: ["shakespeare."],
    expected: [0],
  },
  { name: "the same question with another answer", question: "Where is Paris?", answers: ["Texas"], expected: [] },
  { name: "the same question without answers", question: "Where is Paris?", answers: [], expected: [0] },
  { name: "another question with the same answer", question: "Where is Lyon?", answers: ["France"], expected: [] },
])("findOverlap: $name", ({ question, answers, expected }) => {
  expect(findOverlap([{ question, answers }], evaluation)).toEqual(expected);
});

test("positions are those of the training rows", () => {
  expect(findOverlap([{ question: "new?", answers: ["x"] }, evaluation[1]!], evaluation)).toEqual([1]);
});
