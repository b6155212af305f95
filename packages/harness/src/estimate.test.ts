import { expect, test } from "vitest";
import { estimateSpend } from "./estimate.js";
import { Moments } from "./moments.js";

const moments = (values: readonly number[]) => {
  const all = new Moments();
  for (const value of values) all.add(value);
  return all;
};
const price = { inputPerMillion: 1, cachedInputPerMillion: 0.1, outputPerMillion: 10 };
const question = { promptCharacters: 150, maxCompletionTokens: 1000 };

test("mean and variance are those of the textbook", () => {
  const { count, sum, mean, variance } = moments([2, 4, 4, 4, 5, 5, 7, 9]);
  expect({ count, sum, mean }).toEqual({ count: 8, sum: 40, mean: 5 });
  expect(variance).toBeCloseTo(32 / 7, 12);
  expect(moments([3]).variance).toBe(0);
});

test("without answers the prompts' length and the limit are the ends", () => {
  expect(estimateSpend({ questions: [question, question], price })).toEqual({
    questions: 2,
    // 300 characters, 6 to 2.5 a token.
    promptTokens: { low: 50, high: 120 },
    completionTokens: { low: 2, high: 2000 },
    costUsd: { low: (50 * 0.1 + 2 * 10) / 1e6, high: (120 + 20_000) / 1e6 },
    basis: "limits",
    numAnswers: 0,
  });
});

test("where nothing limits an answer there is no upper end", () => {
  const { completionTokens, costUsd } = estimateSpend({ questions: [question, { promptCharacters: 150 }], price });
  expect([completionTokens.high, costUsd?.high]).toEqual([null, null]);
  expect(estimateSpend({ questions: [question] }).costUsd).toBeNull();
});

test("a second request that carries the first answer is in the upper end", () => {
  const { promptTokens } = estimateSpend({ questions: [{ ...question, maxRepeatedTokens: 700 }] });
  expect(promptTokens).toEqual({ low: 25, high: 60 + 700 + 60 });
});

test("ten answers and more tell what the others will take, two standard errors around their mean", () => {
  const answers = {
    promptTokens: moments(Array(10).fill(30)),
    completionTokens: moments([...Array(5).fill(90), ...Array(5).fill(110)]),
  };
  const questions = Array.from({ length: 90 }, () => question);
  const { promptTokens, completionTokens, basis, numAnswers } = estimateSpend({ questions, answers });
  expect({ promptTokens, basis, numAnswers }).toEqual({
    promptTokens: { low: 2700, high: 2700 },
    basis: "answers",
    numAnswers: 10,
  });
  // Variance 1000/9 over 90 draws, with the mean of 10 for the true one.
  const spread = 2 * Math.sqrt((1000 / 9) * 90 * (1 + 90 / 10));
  expect(completionTokens).toEqual({ low: Math.round(9000 - spread), high: Math.round(9000 + spread) });
});

test("nine answers say too little", () => {
  const few = moments(Array(9).fill(1));
  expect(estimateSpend({ questions: [question], answers: { promptTokens: few, completionTokens: few } }).basis).toBe(
    "limits",
  );
});
