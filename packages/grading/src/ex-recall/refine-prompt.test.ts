import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { extractRefinedAnswer } from "./extract-refined-answer.js";
import { REFINE_PROMPT_VERSION, refinePrompt } from "./refine-prompt.js";

test("six examples, then the answer as it stands, then where the judge goes on", () => {
  const answer = "either {answer} or $& \\n\nRefined Answer: x";
  const prompt = refinePrompt(answer);
  expect(prompt.endsWith(`\n\nOriginal Answer: ${answer}\nRefined Answer:`)).toBe(true);
  expect(refinePrompt("").match(/^Original Answer: /gm)).toHaveLength(7);
  expect(refinePrompt("").match(/^Refined Answer:/gm)).toHaveLength(7);
});

test("the text belongs to its version: change both together", () => {
  const sha256 = createHash("sha256").update(refinePrompt("?")).digest("hex").slice(0, 16);
  expect({ [REFINE_PROMPT_VERSION]: sha256 }).toEqual({ "pka-1": "c2d48553b76577b5" });
});

test.each([
  { reply: "  Paris\n", expected: "Paris" },
  { reply: "\u001c\u0085Paris\ufeff", expected: "Paris\ufeff" },
  { reply: "Refined Answer: Paris", expected: "Refined Answer: Paris" },
  { reply: " \n", expected: "" },
])("the refined answer of $reply is $expected", ({ reply, expected }) => {
  expect(extractRefinedAnswer(reply)).toBe(expected);
});
