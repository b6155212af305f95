import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Datum, Random, type TrainingClient } from "@pka/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshCheckpoint } from "./checkpoint.js";
import type { TrainingClientOptions } from "./engine.js";
import { LocalEngine } from "./local-engine.js";
import { Trainer } from "./trainer.js";

const SHAPE = { hiddenSize: 16, numLayers: 2, numHeads: 2, feedForwardSize: 24, contextLength: 64 };
const WORDS = Array.from({ length: 10 }, (_, i) => ` w${i}`);
const CHECKPOINT = freshCheckpoint(WORDS, SHAPE, 1);
const engine = new LocalEngine(CHECKPOINT, { seed: 0 });
const ADAM = { learningRate: 0.01 };
const LORA = { rank: 4, alpha: 8 };

let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), "pka-engine-"))));
afterAll(async () => {
  await engine.close();
  await rm(directory, { recursive: true });
});

/** Deterministic datums of mixed lengths. */
function datums(seed: number, count = 6, longest = 12): Datum[] {
  const random = new Random(seed);
  const ids = (length: number): number[] => Array.from({ length }, () => random.integer(CHECKPOINT.config.vocabSize));
  return Array.from({ length: count }, () => {
    const length = 1 + random.integer(longest);
    return { tokens: ids(length), targetTokens: ids(length), weights: ids(length).map((id) => id / 100 - 1) };
  });
}

async function train(client: TrainingClient, from: number, to: number): Promise<void> {
  for (let step = from; step < to; step++) {
    await Promise.all([client.forwardBackward(datums(step), "cross_entropy"), client.optimStep(ADAM)]);
  }
}

/** All that the client has learned, as logprobs of fixed datums. */
async function fingerprint(client: TrainingClient): Promise<readonly Float32Array[]> {
  return (await client.forward(datums(999), "cross_entropy")).logprobs;
}

const MODES: [name: string, options: TrainingClientOptions][] = [
  ["all weights", {}],
  ["LoRA", { lora: LORA, seed: 5 }],
];

describe.each(MODES)("training of %s", (_name, options) => {
  const open = (): Promise<TrainingClient> => engine.trainingClient({ ...options, directory });

  test("is bit for bit the same twice", async () => {
    const [a, b] = [await open(), await open()];
    await train(a, 0, 5);
    await train(b, 0, 5);
    expect(await fingerprint(a)).toEqual(await fingerprint(b));
    expect(await fingerprint(a)).not.toEqual(await fingerprint(await open()));
  });

  test("goes on bit for bit from a saved state", async () => {
    const original = await open();
    await train(original, 0, 3);
    const path = await original.saveState("half");
    await train(original, 3, 6);
    const resumed = await open();
    await resumed.loadState(path, { optimizer: true });
    await train(resumed, 3, 6);
    expect(await fingerprint(resumed)).toEqual(await fingerprint(original));
  });

  test("from a saved state without its optimizer starts with fresh moments", async () => {
    const original = await open();
    await train(original, 0, 3);
    const path = await original.saveState("half");
    const resumed = await open();
    await train(resumed, 7, 9);
    await resumed.loadState(path);
    expect(await fingerprint(resumed)).toEqual(await fingerprint(original));
    await train(original, 3, 4);
    await train(resumed, 3, 4);
    expect(await fingerprint(resumed)).not.toEqual(await fingerprint(original));
  });

  test("lowers the loss of what it is trained on", async () => {
    const client = await open();
    const batch = datums(1).map(({ tokens, targetTokens }) => ({ tokens, targetTokens }));
    const before = (await client.forward(batch, "cross_entropy")).loss;
    for (let step = 0; step < 40; step++) {
      await client.forwardBackward(batch, "cross_entropy");
      await client.optimStep({ learningRate: 0.02 });
    }
    expect((await client.forward(batch, "cross_entropy")).loss).toBeLessThan(before * 0.9);
  });

  test("saved for sampling gives the weights as they are then", async () => {
    const client = await open();
    await train(client, 0, 2);
    const path = await client.saveWeightsForSampler("sampler");
    const frozen = await client.saveWeightsAndGetSamplingClient();
    const tokens = [1, 2, 3, 4];
    const before = await frozen.computeLogprobs(tokens);
    await train(client, 2, 4);
    expect(await frozen.computeLogprobs(tokens)).toEqual(before);
    expect(await (await engine.samplingClient(path)).computeLogprobs(tokens)).toEqual(before);
    expect(await (await client.saveWeightsAndGetSamplingClient()).computeLogprobs(tokens)).not.toEqual(before);
  });

  test("state can be sampled from directly", async () => {
    const client = await open();
    await train(client, 0, 2);
    const fromState = await engine.samplingClient(await client.saveState("state"));
    const direct = await client.saveWeightsAndGetSamplingClient();
    expect(await fromState.computeLogprobs([1, 2, 3])).toEqual(await direct.computeLogprobs([1, 2, 3]));
  });
});

test("a fresh LoRA adapter changes nothing", async () => {
  const [plain, adapted] = [await engine.trainingClient(), await engine.trainingClient({ lora: LORA })];
  expect(await fingerprint(adapted)).toEqual(await fingerprint(plain));
});

test("gradients of several calls add up, and a step uses them up", () => {
  const [apart, together] = [
    new Trainer(CHECKPOINT.config, CHECKPOINT.weights),
    new Trainer(CHECKPOINT.config, CHECKPOINT.weights),
  ];
  const batch = datums(4);
  const losses = batch.map((datum) => apart.forwardBackward([datum], "cross_entropy").loss);
  const { loss } = together.forwardBackward(batch, "cross_entropy");
  expect(losses.reduce((sum, value) => sum + value, 0)).toBeCloseTo(loss, 4);
  expectClose(apart.gradients(), together.gradients());
  together.optimStep(ADAM);
  expect(together.gradients().every((value) => value === 0)).toBe(true);
});

test("a batch too long for one pass through the model gives the sum of its parts", () => {
  const trainer = new Trainer(CHECKPOINT.config, CHECKPOINT.weights);
  const batch = datums(8, 100, 60);
  expect(batch.reduce((sum, { tokens }) => sum + tokens.length, 0)).toBeGreaterThan(2048);
  const { logprobs, loss } = trainer.forwardBackward(batch, "cross_entropy");
  const whole = trainer.gradients();
  const parts = new Trainer(CHECKPOINT.config, CHECKPOINT.weights);
  const results = batch.map((datum) => parts.forwardBackward([datum], "cross_entropy"));
  expect(logprobs).toEqual(results.flatMap((result) => result.logprobs));
  expect(loss).toBeCloseTo(
    results.reduce((sum, result) => sum + result.loss, 0),
    2,
  );
  expectClose(parts.gradients(), whole);
});

/** Equal up to the rounding of sums in another order. */
function expectClose(actual: Float32Array, expected: Float32Array): void {
  const scale = Math.hypot(...expected) / Math.sqrt(expected.length);
  const worst = actual.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)), 0);
  expect(worst / scale).toBeLessThan(1e-3);
}

test("the gradient's norm is reported before clipping, and clipping bounds the step", async () => {
  const [free, clipped] = [await engine.trainingClient(), await engine.trainingClient()];
  await free.forwardBackward(datums(1), "cross_entropy");
  await clipped.forwardBackward(datums(1), "cross_entropy");
  const params = { learningRate: 1, eps: 1 };
  const { metrics } = await free.optimStep(params);
  expect(await clipped.optimStep({ ...params, gradClipNorm: 1e-6 })).toEqual({ metrics });
  expect(metrics["grad_norm"]).toBeGreaterThan(1);
  const start = await fingerprint(await engine.trainingClient());
  for (const [i, logprobs] of (await fingerprint(clipped)).entries()) {
    for (const [t, logprob] of logprobs.entries()) expect(logprob).toBeCloseTo(start[i]![t]!, 4);
  }
});

test("Adam follows Kingma and Ba with decoupled decay", () => {
  const trainer = new Trainer(CHECKPOINT.config, CHECKPOINT.weights);
  const [learningRate, beta1, beta2, eps, weightDecay] = [0.01, 0.8, 0.9, 1e-4, 0.3];
  const expected = Float64Array.from(CHECKPOINT.weights);
  const m = new Float64Array(expected.length);
  const v = new Float64Array(expected.length);
  for (let step = 1; step <= 3; step++) {
    trainer.forwardBackward(datums(step), "cross_entropy");
    for (const [i, g] of trainer.gradients().entries()) {
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const update = m[i] / (1 - beta1 ** step) / (Math.sqrt(v[i] / (1 - beta2 ** step)) + eps);
      expected[i]! -= learningRate * (update + weightDecay * expected[i]!);
    }
    trainer.optimStep({ learningRate, beta1, beta2, eps, weightDecay });
  }
  const worst = trainer
    .state()
    .weights.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThan(1e-5);
});

describe("a call that does not fit", () => {
  const good = { tokens: [1, 2], targetTokens: [2, 3] };
  test.each([
    ["an empty batch", [], "cross_entropy", undefined, "the batch is empty"],
    ["an unknown loss", [good], "mse", undefined, 'unknown loss "mse"; there are cross_entropy, importance_sampling'],
    [
      "an unknown token",
      [good, { ...good, tokens: [1, 271] }],
      "cross_entropy",
      undefined,
      "datums[1].tokens[1]: 271 is not a token id",
    ],
    [
      "a token that is no whole number",
      [{ ...good, targetTokens: [1, 0.5] }],
      "cross_entropy",
      undefined,
      "datums[0].targetTokens[1]: 0.5",
    ],
    [
      "too few targets",
      [{ ...good, targetTokens: [1] }],
      "cross_entropy",
      undefined,
      "datums[0].targetTokens has 1 elements, and tokens has 2",
    ],
    [
      "too many weights",
      [{ ...good, weights: [1, 1, 1] }],
      "cross_entropy",
      undefined,
      "datums[0].weights has 3 elements",
    ],
    [
      "a weight that is NaN",
      [{ ...good, weights: [1, Number.NaN] }],
      "cross_entropy",
      undefined,
      "datums[0].weights[1] is NaN",
    ],
    ["no tokens", [{ tokens: [], targetTokens: [] }], "cross_entropy", undefined, "datums[0].tokens is empty"],
    [
      "an over-long sequence",
      [{ tokens: Array(65).fill(1), targetTokens: Array(65).fill(1) }],
      "cross_entropy",
      undefined,
      "datums[0].tokens has 65 tokens, and this model's context holds 64",
    ],
    [
      "missing advantages",
      [{ ...good, logprobs: [0, 0] }],
      "ppo",
      undefined,
      "datums[0].advantages is missing; ppo needs it",
    ],
    [
      "an infinite logprob",
      [{ ...good, logprobs: [0, -Infinity], advantages: [0, 1] }],
      "cispo",
      undefined,
      "datums[0].logprobs[1] is -Infinity",
    ],
    [
      "weights that the loss would ignore",
      [{ ...good, weights: [1, 1], logprobs: [0, 0], advantages: [0, 1] }],
      "ppo",
      undefined,
      "datums[0].weights is not used by ppo",
    ],
    [
      "a negative clip threshold",
      [{ ...good, logprobs: [0, 0], advantages: [0, 1] }],
      "ppo",
      { clipLowThreshold: -1 },
      "clipLowThreshold is -1",
    ],
  ])("(%s) is refused and leaves the client usable", async (_name, batch, lossFn, config, message) => {
    const client = await engine.trainingClient();
    const refused = client.forwardBackward(batch, lossFn as "ppo", config);
    await expect(refused).rejects.toMatchObject({ code: "engine_input", message: expect.stringContaining(message) });
    expect(await fingerprint(client)).toEqual(await fingerprint(await engine.trainingClient()));
  });

  test.each([
    [{ learningRate: -1 }, "learningRate is -1"],
    [{ learningRate: Number.NaN }, "learningRate is NaN"],
    [{ learningRate: 1, beta1: 1 }, "beta1 is 1, and must be in [0, 1)"],
    [{ learningRate: 1, eps: 0 }, "eps is 0, and must be above 0"],
  ])("(%j) is refused by optimStep", async (params, message) => {
    const client = await engine.trainingClient();
    await expect(client.optimStep(params)).rejects.toThrow(message);
  });

  test("(a gradient that overflows) is refused and changes no weight", async () => {
    const client = await engine.trainingClient();
    const huge = { tokens: [1, 2], targetTokens: [2, 3], weights: [1e39, 1e39] };
    await client.forwardBackward([huge], "cross_entropy");
    await expect(client.optimStep(ADAM)).rejects.toThrow("the gradient is not finite");
    expect(await fingerprint(client)).toEqual(await fingerprint(await engine.trainingClient()));
  });
});

describe("saving and loading", () => {
  test("without a folder is refused", async () => {
    const client = await engine.trainingClient();
    await expect(client.saveState("a")).rejects.toThrow("no folder to save to: give trainingClient({ directory })");
  });

  test.each(["", "..", "../up", "a/b", "a\\b", ".hidden"])("under the name %j is refused", async (name) => {
    const client = await engine.trainingClient({ directory });
    await expect(client.saveState(name)).rejects.toMatchObject({ code: "usage" });
  });

  test("asks for the same shape, vocabulary and adapters", async () => {
    const other = async (words: string[], shape: typeof SHAPE, options: TrainingClientOptions = {}) => {
      const opened = new LocalEngine(freshCheckpoint(words, shape, 1), { seed: 0 });
      return (await opened.trainingClient({ ...options, directory })).saveState("other");
    };
    const client = await engine.trainingClient({ directory });
    const wide = await other(WORDS, { ...SHAPE, hiddenSize: 32 });
    await expect(client.loadState(wide)).rejects.toMatchObject({
      field: "config",
      problem: expect.stringContaining("hiddenSize is 32, and the opened model's is 16"),
    });
    const words = await other([" x", ...WORDS.slice(1)], SHAPE);
    await expect(engine.samplingClient(words)).rejects.toMatchObject({
      field: "words",
      problem: expect.stringContaining('word 0 is " x"'),
    });
    const adapted = await other(WORDS, SHAPE, { lora: LORA });
    await expect(client.loadState(adapted)).rejects.toMatchObject({
      field: "lora",
      problem: "has rank 4 and alpha 8, and this client has no adapters",
    });
    const plain = await client.saveWeightsForSampler("plain");
    await expect(client.loadState(plain, { optimizer: true })).rejects.toMatchObject({ field: "step" });
    const lora = await engine.trainingClient({ lora: LORA });
    await expect(lora.loadState(await client.saveState("full"), { optimizer: true })).rejects.toMatchObject({
      field: "lora",
    });
    await lora.loadState(plain);
  });
});

test.each([{ rank: 0 }, { rank: 1.5 }, { rank: 4, alpha: 0 }, { rank: 4, alpha: Number.NaN }])(
  "LoRA %j is refused",
  async (lora) => {
    await expect(engine.trainingClient({ lora })).rejects.toMatchObject({ code: "usage" });
  },
);

test("a model beyond 2 GiB is refused in plain words", () => {
  const config = {
    vocabSize: 1_000_000,
    hiddenSize: 1024,
    numLayers: 1,
    numHeads: 1,
    feedForwardSize: 8,
    contextLength: 8,
  };
  expect(() => new Trainer(config, new Float32Array(0))).toThrow(
    expect.objectContaining({ code: "engine_memory", message: expect.stringMatching(/the engine needs \d+ MiB/) }),
  );
});

test("a closed engine refuses", async () => {
  const closed = new LocalEngine(CHECKPOINT, { seed: 0 });
  const client = await closed.trainingClient();
  await closed.close();
  await expect(client.optimStep(ADAM)).rejects.toMatchObject({ code: "engine_closed" });
  await expect(closed.samplingClient()).rejects.toMatchObject({ code: "engine_closed" });
});
