import { expect, test } from "vitest";
import { lossSettings, TOKEN_LOSSES } from "./losses.js";

// Worked by hand for ratios ρ of 1/2, 1 and 2, with clipping at 0.8 and 1.2.
const HALF = Math.log(0.5);
const inputs = { weight: 3, samplerLogprob: -2, advantage: 5 };
const settings = lossSettings({ beta: 2 });

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
  { lossFn: "dro", ratio: 1, advantage: 5, loss: 10, slope: -5 },
  { lossFn: "dro", ratio: 0.5, advantage: 5, loss: -5 * (-2 + HALF) + HALF ** 2, slope: 2 * HALF - 5 },
  { lossFn: "importance_sampling", ratio: Infinity, advantage: 0, loss: 0, slope: 0 },
  { lossFn: "ppo", ratio: Infinity, advantage: 0, loss: 0, slope: 0 },
] as const)("$lossFn at ratio $ratio and advantage $advantage: loss $loss, slope $slope", (row) => {
  const logprob = inputs.samplerLogprob + Math.log(row.ratio);
  const { loss, slope } = TOKEN_LOSSES[row.lossFn](logprob, { ...inputs, advantage: row.advantage }, settings);
  expect(loss).toBeCloseTo(row.loss, 12);
  expect(slope).toBeCloseTo(row.slope, 12);
});

test("thresholds are 0.8 and 1.2 unless given, each on its own", () => {
  expect(lossSettings({})).toMatchObject({ low: 0.8, high: 1.2 });
  expect(lossSettings({ clipHighThreshold: 4 })).toMatchObject({ low: 0.8, high: 4 });
});
