import { expect, test } from "vitest";
import { clipThresholds, TOKEN_LOSSES } from "./losses.js";

// Worked by hand for ratios ρ of 1/2, 1 and 2, with clipping at 0.8 and 1.2.
const HALF = Math.log(0.5);
const inputs = { weight: 3, samplerLogprob: -2, advantage: 5 };
const clip = clipThresholds();

test.each([
  { lossFn: "cross_entropy", ratio: 0.5, advantage: 5, loss: -3 * (-2 + HALF), slope: -3 },
  { lossFn: "importance_sampling", ratio: 1, advantage: 5, loss: -5, slope: -5 },
  { lossFn: "importance_sampling", ratio: 2, advantage: -5, loss: 10, slope: 10 },
  { lossFn: "ppo", ratio: 1, advantage: 5, loss: -5, slope: -5 },
  { lossFn: "ppo", ratio: 2, advantage: 5, loss: -6, slope: 0 },
  { lossFn: "ppo", ratio: 2, advantage: -5, loss: 10, slope: 10 },
  { lossFn: "ppo", ratio: 0.5, advantage: 5, loss: -2.5, slope: -2.5 },
  { lossFn: "ppo", ratio: 0.5, advantage: -5, loss: 4, slope: 0 },
  { lossFn: "cispo", ratio: 1, advantage: 5, loss: 10, slope: -5 },
  { lossFn: "cispo", ratio: 2, advantage: 5, loss: -6 * (-2 - HALF), slope: -6 },
  { lossFn: "cispo", ratio: 0.5, advantage: -5, loss: 4 * (-2 + HALF), slope: 4 },
] as const)("$lossFn at ratio $ratio and advantage $advantage: loss $loss, slope $slope", (row) => {
  const logprob = inputs.samplerLogprob + Math.log(row.ratio);
  const { loss, slope } = TOKEN_LOSSES[row.lossFn](logprob, { ...inputs, advantage: row.advantage }, clip);
  expect(loss).toBeCloseTo(row.loss, 12);
  expect(slope).toBeCloseTo(row.slope, 12);
});

test("thresholds are 0.8 and 1.2 unless given, each on its own", () => {
  expect(clipThresholds({})).toEqual({ low: 0.8, high: 1.2 });
  expect(clipThresholds({ clipHighThreshold: 4 })).toEqual({ low: 0.8, high: 4 });
});
