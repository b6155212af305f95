import { UsageError } from "@pka/core";
import { numpyPermutation } from "@pka/training";
import { expect, test } from "vitest";
import { computeAdvantages } from "./advantages.js";
import { addKlPenalty } from "./kl-penalty.js";
import { batchAt, rlTotalSteps, splitProblems } from "./problems.js";
import { checkRlConfig, RL_DEFAULTS, type RlConfig } from "./rl-config.js";
import { trajectoryDatums, rlDatum } from "./rl-datum.js";
import { klEstimates, trajectoryMetrics, withoutConstantGroups } from "./rl-metrics.js";
import { rolloutPage } from "./rollout-page.js";
import type { Trajectory, TrajectoryGroup } from "./rollout.js";
import { rlRunName } from "./run-name.js";
import { splitEvenly } from "./train-step.js";

const trajectory = (reward: number, more: Partial<Trajectory> = {}): Trajectory => ({
  prompt: [1, 2, 3],
  tokens: [4, 5],
  logprobs: [-1, -2],
  text: "x",
  reward,
  metrics: { format: 1 },
  summary: "format ✓",
  ...more,
});
const group = (...rewards: number[]): TrajectoryGroup => ({
  problem: { question: "q", answers: ["a"] },
  trajectories: rewards.map((reward) => trajectory(reward)),
});
const singles = (...values: number[]): Float32Array => Float32Array.from(values);

test("an advantage is the reward minus its group's mean, not divided by the deviation", () => {
  expect(computeAdvantages([1, 0.5, 0, 0.5])).toEqual(singles(0.5, 0, -0.5, 0));
  expect(computeAdvantages([0.9, 0.9])).toEqual(singles(0, 0));
});

test("a datum is shifted by one: the prompt's last token predicts the first of the completion", () => {
  expect(rlDatum(trajectory(1), 0.25)).toEqual({
    tokens: [1, 2, 3, 4],
    targetTokens: [2, 3, 4, 5],
    logprobs: singles(0, 0, -1, -2),
    advantages: singles(0, 0, 0.25, 0.25),
    mask: singles(0, 0, 1, 1),
  });
  expect(trajectoryDatums([group(1, 0), group(0.5, 0.5)]).map(({ advantages }) => advantages[2])).toEqual([
    0.5, -0.5, 0, 0,
  ]);
});

test("the KL penalty is centred over the action tokens of the batch", () => {
  const datums = [rlDatum(trajectory(1), 0.5), rlDatum(trajectory(0, { tokens: [6], logprobs: [-3] }), -0.5)];
  // Differences on action tokens: −1 − (−2) = 1, −2 − (−2) = 0, −3 − (−1) = −2; their mean is −1/3.
  const reference = [
    [-9, -9, -2, -2],
    [-9, -9, -1],
  ];
  const { datums: penalized, klPolicyBase } = addKlPenalty(datums, reference, {
    klPenaltyCoef: 0.3,
    klDiscountFactor: 0,
  });
  expect(klPolicyBase).toBeCloseTo(-1 / 3, 6);
  const expected = [
    [0, 0, 0.5 - 0.4, 0.5 - 0.1],
    [0, 0, -0.5 + 0.5],
  ];
  for (const [d, row] of expected.entries()) {
    for (const [t, value] of row.entries()) expect(penalized[d]!.advantages[t]).toBeCloseTo(value, 6);
  }
  const discounted = addKlPenalty(datums, reference, { klPenaltyCoef: 0.3, klDiscountFactor: 0.5 }).datums;
  // What is added, −0.4 and −0.1 on the completion, reaches back: −0.1, −0.45, −0.225, −0.1125.
  for (const [t, value] of [-0.1125, -0.225, 0.5 - 0.45, 0.5 - 0.1].entries()) {
    expect(discounted[0]!.advantages[t]).toBeCloseTo(value, 6);
  }
});

test("KL estimates look at action tokens only", () => {
  const datums = [rlDatum(trajectory(1), 0)];
  const { v1, v2, entropy } = klEstimates(datums, [[Number.NaN, 7, -1.5, -1]]);
  expect([v1, v2, entropy]).toEqual([(0.5 - 1) / 2, (0.25 + 1) / 4, 1.5]);
});

test("metrics of rollouts carry the original's names", () => {
  const metrics = trajectoryMetrics([group(1, 0), group(0.5, 0.5), group(0, 0)]);
  expect(metrics).toEqual({
    "env/all/ac_tokens_per_turn": 2,
    "env/all/ob_tokens_per_turn": 3,
    "env/all/turns_per_episode": 1,
    "env/all/total_episodes": 6,
    "env/all/total_turns": 6,
    "env/all/total_ac_tokens": 12,
    "env/all/total_ob_tokens": 18,
    "env/all/reward/total": 1 / 3,
    "env/all/format": 1,
    "env/all/by_group/frac_mixed": 1 / 3,
    "env/all/by_group/frac_all_good": 1 / 3,
    "env/all/by_group/frac_all_bad": 1 / 3,
  });
});

test("groups of one reward are left out, and one stays where all are", () => {
  const [mixed, good, bad] = [group(1, 0), group(1, 1), group(0, 0)];
  expect(withoutConstantGroups([good, mixed, bad])).toEqual([mixed]);
  expect(withoutConstantGroups([good, bad])).toEqual([good]);
});

test("substeps are contiguous parts cut at floor(k · n / parts)", () => {
  expect(splitEvenly([0, 1, 2, 3, 4, 5, 6], 3)).toEqual([
    [0, 1],
    [2, 3],
    [4, 5, 6],
  ]);
  expect(splitEvenly([0, 1], 5)).toEqual([[0], [1]]);
});

test("TriviaQA is split as in the paper, and its problems last one epoch", () => {
  const rows = Array.from({ length: 138_384 }, (_, i) => ({ question: String(i), answers: [] }));
  const { train, validation } = splitProblems(rows, { seed: 0 });
  expect([train.length, validation.length]).toEqual([110_707, 27_677]);
  // Recorded from numpy.
  expect(validation.slice(0, 5).map(({ question }) => Number(question))).toEqual([44902, 107311, 8644, 69293, 138159]);
  expect(rlTotalSteps(train.length, RL_DEFAULTS)).toBe(3460);
  expect(batchAt(train, 3459, RL_DEFAULTS)).toHaveLength(19);
});

test("split by question, no question stands in both parts", () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ question: String(i % 50), answers: [String(i)] }));
  const { train, validation } = splitProblems(rows, { seed: 3, splitBy: "question" });
  expect([train.length, validation.length]).toEqual([80, 20]);
  const trained = new Set(train.map(({ question }) => question));
  expect(validation.some(({ question }) => trained.has(question))).toBe(false);
});

test("later epochs take the problems in another order", () => {
  const problems = [...Array(10).keys()];
  const config = { groupsPerBatch: 4, seed: 6 };
  expect([0, 1, 2].flatMap((step) => batchAt(problems, step, config))).toEqual(problems);
  expect([3, 4, 5].flatMap((step) => batchAt(problems, step, config))).toEqual([...numpyPermutation(10, 7)]);
});

test("the run's name", () => {
  const run = { env: "trivia", modelName: "openai/gpt-oss-20b", loraRank: 32, ...RL_DEFAULTS };
  expect(rlRunName(run, new Date(2025, 0, 2, 3, 4))).toBe(
    "trivia-openai-gpt-oss-20b-32rank-2e-05lr-8group-32batch-importance_sampling-seed0-2025-01-02-03-04",
  );
});

test.each([
  ["groupSize", 1],
  ["groupsPerBatch", 0],
  ["learningRate", -1],
  ["klPenaltyCoef", Number.NaN],
  ["temperature", 0],
  ["maxStepsOffPolicy", -1],
] as [keyof RlConfig, number][])("%s = %d is refused by name", (name, value) => {
  const check = () => checkRlConfig({ ...RL_DEFAULTS, [name]: value }, 100);
  expect(check).toThrow(UsageError);
  expect(check).toThrow(name);
});

test("more groups per batch than problems are refused", () => {
  expect(() => checkRlConfig(RL_DEFAULTS, 31)).toThrow(/groupsPerBatch is 32 and there are 31 problems/);
});

test("a page shows hostile text as text", () => {
  const page = rolloutPage("t", [
    { problem: { question: "<script>1</script>", answers: ["&"] }, trajectories: [trajectory(0.5, { text: "<b>" })] },
  ]);
  expect(page).not.toContain("<script>");
  expect(page).toContain("&lt;script&gt;1&lt;/script&gt;");
  expect(page).toContain("reward 0.50");
});
