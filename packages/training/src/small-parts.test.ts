import { expect, test } from "vitest";
import { formatMetrics } from "./metrics.js";
import { linearDecay } from "./schedules.js";
import { tokenSpans } from "./token-spans.js";

test("the learning rate falls in a straight line to 0 and stays there", () => {
  expect([0, 5, 10, 12].map((step) => linearDecay(2, step, 10))).toEqual([2, 1, 0, 0]);
});

test("metrics as a table, by name", () => {
  expect(formatMetrics({ loss: 0.5, epoch: 2 })).toBe("epoch  2\nloss   0.500000");
});

test("tokens are joined while their sign stays", () => {
  const tokenizer = { vocabSize: 9, encode: () => [], decode: (tokens: readonly number[]) => tokens.join("+") };
  expect(tokenSpans(tokenizer, [1, 2, 3, 4], [0, 0, 0.5, -1])).toEqual([
    { text: "1+2", sign: 0 },
    { text: "3", sign: 1 },
    { text: "4", sign: -1 },
  ]);
});
