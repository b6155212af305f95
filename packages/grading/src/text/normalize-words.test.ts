import * as fc from "fast-check";
import { expect, test } from "vitest";
import { normalizeAnswer, normalizeRefinedAnswer } from "../index.js";

test.each([
  {
    name: "lower case, articles and punctuation",
    text: "The Who’s “Tommy”, a rock-opera!",
    expected: "who s “tommy” rock opera",
  },
  { name: "articles go after punctuation", text: "U.S.A.", expected: "u s" },
  {
    name: "underscores and dashes are spaces",
    text: "New_York\u2013London\u2212Rome",
    expected: "new york london rome",
  },
  { name: "an article beside a curly quote goes", text: "\u201cThe End\u201d", expected: "\u201c end\u201d" },
  { name: "an article before a combining accent goes", text: "a\u0301 cote", expected: "\u0301 cote" },
  { name: "an article beside a control character goes", text: "x\x00a", expected: "x\x00" },
  { name: "the last letter of an accented word is no article", text: "ca\u00f1a", expected: "ca\u00f1a" },
  { name: "currency and degree signs stay", text: "£100 at 20°", expected: "£100 at 20°" },
  { name: "sharp s is not folded", text: "STRA\u1e9eE", expected: "stra\u00dfe" },
  { name: "a final sigma is known by its context", text: "\u039f\u03a3 \u03a3", expected: "\u03bf\u03c2 \u03c3" },
  { name: "a dotted capital I is two characters", text: "\u0130", expected: "i\u0307" },
  { name: "nothing is left", text: " The, _!", expected: "" },
])("$name", ({ text, expected }) => {
  expect(normalizeAnswer(text)).toBe(expected);
});

test("Ex-Recall keeps curly single quotes, the evaluation blanks them", () => {
  expect(normalizeRefinedAnswer("O\u2019Connor\u00b4s")).toBe("o\u2019connor s");
  expect(normalizeAnswer("O\u2019Connor\u00b4s")).toBe("o connor s");
});

test("a normalised text normalises to itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const once = normalizeAnswer(text);
      expect(normalizeAnswer(once)).toBe(once);
    }),
  );
});
