import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ModelError, type SamplingClient, type TrainingClient } from "@pka/core";
import { openEngine, smallWorld } from "@pka/engine";
import { temporaryFolder } from "@pka/fault-kit";
import { tinyRenderer } from "@pka/renderers";
import { clusterPermutationTest } from "@pka/stats";
import { DivergedError, openRunFolder, openTrainingClient, readCheckpoints, readJsonLines } from "@pka/training";
import { expect, test } from "vitest";
import type { RlEvaluator } from "./evaluator.js";
import { RL_DEFAULTS, type RlConfig } from "./rl-config.js";
import type { RlStep } from "./begin-run.js";
import { trainRl } from "./train-rl.js";
import { trainRlAsync } from "./train-rl-async.js";
import { triviaEnv } from "./trivia-env.js";

const questions = smallWorld().questions.filter(({ hops }) => hops === 2);
const problems = questions.filter(({ split }) => split === "rl");
const heldOut = questions.filter(({ split }) => split === "test");
const SMALL: RlConfig = {
  ...RL_DEFAULTS,
  groupSize: 4,
  groupsPerBatch: 8,
  learningRate: 1e-3,
  maxTokens: 24,
  maxSteps: 6,
  evalEvery: 0,
  saveEvery: 0,
  numGroupsToLog: 0,
};

interface Session {
  readonly path?: string;
  readonly config?: Partial<RlConfig>;
  readonly rank?: number;
  readonly numProblems?: number;
  readonly validation?: typeof heldOut;
  readonly evaluators?: readonly RlEvaluator[];
  readonly train?: typeof trainRl;
  readonly stopAfter?: number;
  readonly dieAfter?: number;
  readonly spyTraining?: (client: TrainingClient) => TrainingClient;
  readonly measure?: (client: SamplingClient) => Promise<readonly number[]>;
}

/** One process's part of a run. */
async function session(options: Session = {}) {
  const { path = temporaryFolder(), rank, stopAfter, dieAfter, train = trainRl, measure } = options;
  const config = { ...SMALL, ...options.config };
  const engine = await openEngine("tiny", { worker: false });
  const run = await openRunFolder({ path, config: {}, stepOf: ({ batch }) => batch, behavior: "resume" });
  const service = {
    createTrainingClient: async (from?: { statePath: string; optimizer: boolean }) => {
      const client = await engine.trainingClient({ directory: path, ...(rank && { lora: { rank } }) });
      if (from) await client.loadState(from.statePath, from);
      return client;
    },
    createBaseSamplingClient: () => engine.samplingClient(),
  };
  const controller = new AbortController();
  const steps: RlStep[] = [];
  try {
    const client = await openTrainingClient(service, run);
    const before = await measure?.(await engine.samplingClient());
    const running = train({
      trainingClient: options.spyTraining?.(client) ?? client,
      referenceClient: await service.createBaseSamplingClient(),
      renderer: tinyRenderer(engine.tokenizer),
      run,
      problems: problems.slice(0, options.numProblems ?? problems.length),
      validation: options.validation,
      evaluators: options.evaluators,
      config,
      env: triviaEnv({ instruction: "" }),
      signal: controller.signal,
      retryDelayMs: 1,
    });
    for await (const step of running) {
      steps.push(step);
      if (steps.length === stopAfter) controller.abort();
      if (steps.length === dieAfter) break;
    }
    const after = await measure?.(await client.saveWeightsAndGetSamplingClient());
    return { path, steps, before, after, metrics: readJsonLines(join(path, "metrics.jsonl")) };
  } finally {
    await run.close();
    await engine.close();
  }
}

const timeless = (metrics: readonly Record<string, unknown>[]) =>
  metrics.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith("time/"))));

/** Share of two samples that hold the answer, per held-out question. */
async function heldOutRecall(client: SamplingClient): Promise<readonly number[]> {
  const engine = await openEngine("tiny", { worker: false });
  const renderer = tinyRenderer(engine.tokenizer);
  const shares = heldOut.map(async ({ question, answers }, index) => {
    const prompt = renderer.buildGenerationPrompt([{ role: "user", content: question }], { thinking: true });
    const params = { maxTokens: 24, stop: renderer.stop, seed: index };
    const samples = await client.sample({ prompt, numSamples: 2, params });
    return (
      samples.filter(({ tokens }) => renderer.parseResponse(tokens).text.includes(`<answer> ${answers[0]}<`)).length / 2
    );
  });
  const recall = await Promise.all(shares);
  await engine.close();
  return recall;
}

/** A client that breaks a method on some of its calls. */
function withBroken<T extends object, K extends keyof T>(client: T, method: K, broken: (original: T[K]) => T[K]): T {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (name === method) return broken((value as (...call: never[]) => unknown).bind(target) as T[K]);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test.each([
  { name: "importance_sampling", config: {} },
  { name: "ppo in two substeps", config: { lossFn: "ppo" as const, numSubsteps: 2, learningRate: 5e-4 } },
  { name: "LoRA", config: { learningRate: 2e-3 }, rank: 8 },
  { name: "asynchronous", config: { maxStepsOffPolicy: 2 }, train: trainRlAsync },
])("$name raises held-out recall significantly", async ({ config, ...more }) => {
  const { before, after, steps } = await session({
    ...more,
    config: { groupSize: 8, groupsPerBatch: 16, numEpochs: 5, maxSteps: 30, klPenaltyCoef: 0, ...config },
    measure: heldOutRecall,
  });
  expect(steps).toHaveLength(30);
  const differences = after!.map((recall, i) => recall - before![i]!);
  const clusters = heldOut.map(({ person }) => person);
  const { difference, pValue } = clusterPermutationTest(differences, clusters, { seed: 1 });
  expect(difference).toBeGreaterThan(0.1);
  expect(pValue).toBeLessThan(0.05);
});

test("sampler and trainer agree on the policy, so on-policy estimates of the KL are 0", async () => {
  const { metrics } = await session({ config: { maxSteps: 2, computePostKl: true } });
  expect(Math.abs(Number(metrics[0]!["optim/kl_sample_train_v1"]))).toBeLessThan(1e-5);
  expect(Number(metrics[0]!["kl_pre_post_v2"])).toBeGreaterThan(0);
  // The first policy is the reference, the second is not.
  expect(Math.abs(Number(metrics[0]!["kl_policy_base"]))).toBeLessThan(1e-5);
  expect(Math.abs(Number(metrics[1]!["kl_policy_base"]))).toBeGreaterThan(1e-4);
});

test("a run that dies or is stopped, again and again, ends like one that is left alone", async () => {
  const config = { saveEvery: 2, evalEvery: 3, finalEval: true };
  const validation = heldOut.slice(0, 8);
  const alone = await session({ config, validation });
  const path = temporaryFolder();
  const sessions = [
    await session({ path, config, validation, dieAfter: 3 }),
    await session({ path, config, validation, stopAfter: 1 }),
    await session({ path, config, validation, dieAfter: 2 }),
    await session({ path, config, validation }),
  ];
  expect(sessions.map(({ steps }) => steps[0]!.step)).toEqual([0, 2, 3, 4]);
  expect(timeless(sessions.at(-1)!.metrics)).toEqual(timeless(alone.metrics));
  const again = await session({ path, config, validation });
  expect(again.steps).toEqual([]);
  expect(again.metrics).toEqual(sessions.at(-1)!.metrics);
  expect(readCheckpoints(join(path, "checkpoints.jsonl")).map(({ name }) => name)).toEqual([
    "000002",
    "000003",
    "000004",
    "final",
  ]);
});

test("evaluations: the test rows and injected ones, before the first step, every n steps and after the last", async () => {
  const asked: number[] = [];
  const evaluator: RlEvaluator = {
    name: "mine",
    async evaluate(client, step) {
      asked.push(step);
      return { metrics: { logprobs: (await client.computeLogprobs([1, 2])).length } };
    },
  };
  const config = { evalEvery: 4, finalEval: true, evalLimit: 5, numGroupsToLog: 1 };
  const { path, metrics } = await session({ config, validation: heldOut, evaluators: [evaluator] });
  expect(asked).toEqual([0, 4, 6]);
  const evaluated = metrics.filter((row) => "mine/logprobs" in row);
  expect(evaluated.map((row) => [row["step"], row["test/env/all/total_episodes"], row["mine/logprobs"]])).toEqual([
    [0, 5, 2],
    [4, 5, 2],
    [6, 5, 2],
  ]);
  const page = JSON.parse(readFileSync(join(path, "eval_test_iteration_000004.json"), "utf8")) as { groups: unknown[] };
  expect(page.groups).toHaveLength(1);
  expect(existsSync(join(path, "train_iteration_000005.html"))).toBe(true);
});

test("a rollout that fails is tried again; one that goes on failing takes its group away, and the run goes on", async () => {
  let calls = 0;
  const flaky = (client: SamplingClient): SamplingClient =>
    withBroken(client, "sample", (sample) => async (request) => {
      calls += 1;
      // The first problem never works; every seventh request fails once.
      const isHopeless = request.prompt.join() === firstPrompt;
      if (isHopeless || calls % 7 === 0) throw new ModelError("busy", { kind: "overloaded" });
      return sample(request);
    });
  let firstPrompt = "";
  const engine = await openEngine("tiny", { worker: false });
  firstPrompt = tinyRenderer(engine.tokenizer)
    .buildGenerationPrompt([{ role: "user", content: problems[0]!.question }], { thinking: true })
    .join();
  await engine.close();
  const spyTraining = (client: TrainingClient): TrainingClient =>
    withBroken(client, "saveWeightsAndGetSamplingClient", (open) => async () => flaky(await open()));
  const { metrics } = await session({ config: { maxSteps: 1, rolloutAttempts: 4 }, spyTraining });
  expect(metrics[0]).toMatchObject({ "rollout/failed_groups": 1, "env/all/total_episodes": 28 });
});

test("an error that no repetition cures ends the run at once", async () => {
  let calls = 0;
  const spyTraining = (client: TrainingClient): TrainingClient =>
    withBroken(
      client,
      "saveWeightsAndGetSamplingClient",
      (open) => async () =>
        withBroken(await open(), "sample", () => async () => {
          calls += 1;
          throw new ModelError("wrong key", { kind: "auth" });
        }),
    );
  for (const train of [trainRl, trainRlAsync]) {
    calls = 0;
    await expect(session({ spyTraining, train })).rejects.toThrow("wrong key");
    expect(calls).toBe(32);
  }
});

test("logprobs that are no number end the run with an error, and it can go on from its checkpoint", async () => {
  const path = temporaryFolder();
  let passes = 0;
  const spyTraining = (client: TrainingClient): TrainingClient =>
    withBroken(client, "forwardBackward", (pass) => async (...call) => {
      const result = await pass(...call);
      passes += 1;
      return passes < 4 ? result : { ...result, logprobs: result.logprobs.map((row) => row.map(() => Number.NaN)) };
    });
  await expect(session({ path, config: { saveEvery: 2 }, spyTraining })).rejects.toThrow(DivergedError);
  const { steps } = await session({ path, config: { saveEvery: 2 } });
  expect(steps.map(({ step }) => step)).toEqual([2, 3, 4, 5]);
});

test("asynchronous training ends on a last batch that is not full, and trains on every problem", async () => {
  const { steps, metrics } = await session({
    train: trainRlAsync,
    numProblems: 20,
    config: { maxSteps: null, maxStepsOffPolicy: 1, klPenaltyCoef: 0 },
  });
  expect(steps.map(({ metrics: row }) => row["env/all/total_episodes"])).toEqual([32, 32, 16]);
  for (const row of metrics) {
    expect(Number(row["training_client/step"]) - Number(row["sampling_client/step_min"])).toBeLessThanOrEqual(1);
  }
});

test("asynchronous training stops on demand with a checkpoint and goes on from it", async () => {
  const path = temporaryFolder();
  const config = { maxStepsOffPolicy: 1, klPenaltyCoef: 0 };
  await session({ path, config, train: trainRlAsync, stopAfter: 2 });
  expect(readCheckpoints(join(path, "checkpoints.jsonl"))).toMatchObject([{ name: "000002", batch: 2 }]);
  const { steps } = await session({ path, config, train: trainRlAsync });
  expect(steps.map(({ step }) => step)).toEqual([2, 3, 4, 5]);
});
