import * as fc from "fast-check";
import { expect, test } from "vitest";
import { gradeAnswer } from "./grade-answer.js";

test.each([
  {
    name: "the answer itself",
    prediction: "Émile Zola.",
    answers: ["Zola", "émile zola"],
    exactMatch: true,
    recall: true,
  },
  {
    name: "the answer in a sentence",
    prediction: "It was Paris.",
    answers: ["Paris"],
    exactMatch: false,
    recall: true,
  },
  { name: "part of a longer word", prediction: "Parisian", answers: ["Paris"], exactMatch: false, recall: false },
  {
    name: "a later whole word after a part",
    prediction: "Parisian Paris",
    answers: ["Paris"],
    exactMatch: false,
    recall: true,
  },
  {
    name: "a word cut by a combining accent",
    prediction: "cafe\u0301",
    answers: ["cafe"],
    exactMatch: false,
    recall: true,
  },
  { name: "no accepted answer", prediction: "Paris", answers: [], exactMatch: false, recall: false },
  { name: "a symbol in front", prediction: "£100", answers: ["£100"], exactMatch: true, recall: false },
  {
    name: "a symbol in front, after a letter",
    prediction: "x£100",
    answers: ["£100"],
    exactMatch: false,
    recall: true,
  },
  { name: "an accepted answer of articles", prediction: "Paris", answers: ["The"], exactMatch: false, recall: true },
  { name: "articles for an accepted article", prediction: "a", answers: ["The"], exactMatch: true, recall: false },
])("$name: exact match $exactMatch, recall $recall", ({ prediction, answers, exactMatch, recall }) => {
  expect(gradeAnswer(prediction, answers)).toEqual({ exactMatch, recall });
});

const anyText = fc.string({ unit: "binary" });

test("any text matches itself exactly, wherever it stands among the answers", () => {
  fc.assert(
    fc.property(anyText, fc.array(anyText), fc.array(anyText), (text, before, after) => {
      expect(gradeAnswer(text, [...before, text, ...after]).exactMatch).toBe(true);
    }),
  );
});

test("a word between any two texts is recalled", () => {
  const word = fc.stringMatching(/^[b-z0-9]+$/).filter((text) => text !== "");
  fc.assert(
    fc.property(anyText, word, anyText, (before, text, after) => {
      expect(gradeAnswer(`${before} ${text} ${after}`, [text]).recall).toBe(true);
    }),
  );
});
