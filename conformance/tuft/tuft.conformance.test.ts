import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Datum } from "@pka/core";
import { TinkerClient, type TinkerTrainingClient } from "@pka/tinker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerProgram } from "../server-program.js";
import { tuftPython } from "./tuft-python.js";
import { OTHER_KEY, startTuft, TUFT_KEY, TUFT_MODEL } from "./tuft-server.js";

const interpreter = tuftPython();
const why = interpreter === null ? " (skipped: no TuFT)" : "";

const datum = (...tokens: number[]): Datum => ({ tokens: tokens.slice(0, -1), targetTokens: tokens.slice(1) });
const DATUMS = [datum(5, 6, 7, 8), datum(9, 10, 11), datum(1, 2, 3, 4, 5)];
const POLICY = DATUMS.map(({ tokens, targetTokens }) => ({
  tokens,
  targetTokens,
  logprobs: tokens.map(() => -1),
  advantages: tokens.map(() => 0.5),
}));

describe.skipIf(interpreter === null)(`TuFT, another server of the protocol${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "pka-tuft-"));
  let server: ServerProgram;
  let client: TinkerClient;
  let training: TinkerTrainingClient;

  beforeAll(async () => {
    server = await startTuft(interpreter!, folder);
    client = new TinkerClient({ baseUrl: server.url, apiKey: TUFT_KEY });
    training = await client.createLoraTrainingClient({ baseModel: TUFT_MODEL, rank: 8, seed: 1 });
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("says what it has", async () => {
    expect(await client.getServerCapabilities()).toEqual({
      supportedModels: [{ name: TUFT_MODEL, maxContextLength: 512 }],
    });
    expect(await training.getInfo()).toEqual({
      modelId: training.modelId,
      baseModel: TUFT_MODEL,
      tokenizerId: TUFT_MODEL,
      loraRank: 8,
    });
  });

  test("carries out steps that are sent at once, each once and in order, and the loss falls", async () => {
    const steps = Array.from({ length: 6 }, () =>
      Promise.all([training.forwardBackward(DATUMS, "cross_entropy"), training.optimStep({ learningRate: 1e-2 })]),
    );
    const results = await Promise.all(steps);
    // How many steps it had taken before each pass, and after each step.
    expect(results.map(([{ metrics }]) => metrics["step:max"])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(results.map(([, { metrics }]) => metrics["step:max"])).toEqual([1, 2, 3, 4, 5, 6]);
    const losses = results.map(([{ loss }]) => loss);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    for (const [{ logprobs }] of results) expect(logprobs.map(({ length }) => length)).toEqual([3, 2, 4]);
  });

  test("takes a batch of several chunks, whose parts come back in order", async () => {
    const many = Array.from({ length: 1030 }, (_, i) => datum(i % 300, 3, (7 * i) % 500));
    const whole = await training.forward(many, "cross_entropy");
    expect(whole.logprobs).toHaveLength(1030);
    const squares = whole.logprobs.reduce((sum, [logprob]) => sum + logprob! ** 2, 0);
    expect(whole.loss / squares).toBeCloseTo(1, 5);
    const last = await training.forward(many.slice(1000), "cross_entropy");
    expect(whole.logprobs.slice(1000)).toEqual(last.logprobs);
  });

  test("takes every loss", async () => {
    const { logprobs } = await training.forward(DATUMS, "cross_entropy");
    for (const lossFn of ["importance_sampling", "ppo", "cispo", "dro"] as const) {
      const pass = await training.forwardBackward(POLICY, lossFn, lossFn === "dro" ? { beta: 0.1 } : {});
      expect(pass.logprobs).toEqual(logprobs);
    }
    const custom = await training.forwardBackwardCustom(DATUMS, (rows) => ({
      loss: 17,
      gradLogprobs: rows.map((row) => row.map(() => -1)),
    }));
    expect(custom.metrics).toMatchObject({ "loss:sum": 17, "surrogate_loss:sum": expect.any(Number) });
    await training.optimStep({ learningRate: 0 });
  });

  // The toy keeps one vector for all models and writes none of it, so that numbers say nothing here.
  test("saves, loads and goes on from a state", async () => {
    const path = await training.saveState("ck");
    expect(path).toBe(`tinker://${training.modelId}/weights/ck`);
    await training.loadState(path, { optimizer: true });
    await training.loadState(path);
    const resumed = await client.createTrainingClientFromStateWithOptimizer(path);
    const fresh = await client.createTrainingClientFromState(path);
    expect(new Set([training.modelId, resumed.modelId, fresh.modelId]).size).toBe(3);
    for (const model of [training, resumed, fresh]) {
      const [{ logprobs }] = await Promise.all([
        model.forwardBackward(DATUMS, "cross_entropy"),
        model.optimStep({ learningRate: 1e-2, gradClipNorm: 1 }),
      ]);
      expect(logprobs).toHaveLength(3);
      expect(await model.getInfo()).toMatchObject({ baseModel: TUFT_MODEL, loraRank: 8 });
    }
    await fresh.unload();
    await expect(fresh.forward(DATUMS, "cross_entropy")).rejects.toMatchObject({ status: 404 });
  });

  test("samples from a checkpoint, from the weights as they are, and from the base model", async () => {
    const modelPath = await training.saveWeightsForSampler("final");
    const samplers = [
      await client.createSamplingClient({ modelPath }),
      await training.saveWeightsAndGetSamplingClient(),
      await client.createSamplingClient({ baseModel: TUFT_MODEL }),
    ];
    for (const sampler of samplers) {
      const drawn = await sampler.sample({ prompt: [3, 4], numSamples: 2, params: { maxTokens: 4 } });
      const expected = { tokens: [5, 6, 7, 8], logprobs: [...new Float32Array(4).fill(-0.3)], stopReason: "length" };
      expect(drawn).toEqual([expected, expected]);
      expect(await sampler.getInfo()).toMatchObject({ baseModel: TUFT_MODEL });
    }
    const request = { prompt: [3, 4], params: { maxTokens: 1 }, promptLogprobs: true, topkPromptLogprobs: 2 };
    const { promptLogprobs, topkPromptLogprobs } = await samplers[2]!.sampleDetailed(request);
    expect([...promptLogprobs!]).toEqual([...new Float32Array(2).fill(-0.1)]);
    expect([...topkPromptLogprobs!.tokenIds]).toEqual([3, 4, 3, 4]);
    // Many at once.
    const prompts = Array.from({ length: 50 }, (_, i) => i);
    const many = prompts.map((last) => samplers[0]!.sample({ prompt: [last], params: { maxTokens: 1 } }));
    expect((await Promise.all(many)).map(([sample]) => sample!.tokens)).toEqual(prompts.map((last) => [last + 1]));
  });

  test("lists what there is, and deletes it", async () => {
    const { rest } = client;
    const path = `tinker://${training.modelId}/weights/ck`;
    const { items } = await rest.listTrainingRuns();
    expect(items.map(({ trainingRunId }) => trainingRunId)).toContain(training.modelId);
    expect(await rest.getTrainingRun(training.modelId)).toMatchObject({
      baseModel: TUFT_MODEL,
      modelOwner: "tester",
      loraRank: 8,
      lastCheckpoint: { tinkerPath: path, checkpointType: "training", isPublic: false },
    });
    const pathsOf = async () => (await rest.listCheckpoints(training.modelId)).map(({ tinkerPath }) => tinkerPath);
    expect(await pathsOf()).toEqual(
      expect.arrayContaining([path, `tinker://${training.modelId}/sampler_weights/final`]),
    );
    await rest.publishCheckpoint(path);
    const published = (await rest.listCheckpoints(training.modelId)).filter(({ isPublic }) => isPublic);
    expect(published.map(({ tinkerPath }) => tinkerPath)).toEqual([path]);
    expect((await rest.listUserCheckpoints()).items.map(({ tinkerPath }) => tinkerPath)).toContain(path);
    expect(await rest.getWeightsInfo(path)).toMatchObject({ baseModel: TUFT_MODEL, isLora: true, loraRank: 8 });
    expect((await rest.listSessions()).length).toBeGreaterThan(0);
    await rest.deleteCheckpoint(path);
    expect(await pathsOf()).not.toContain(path);
    await expect(client.createTrainingClientFromState(path)).rejects.toMatchObject({ status: 404 });
  });

  test("refuses what it should, and the client says so", async () => {
    const stranger = new TinkerClient({ baseUrl: server.url, apiKey: "tml-wrong" });
    await expect(stranger.rest.listTrainingRuns()).rejects.toMatchObject({ kind: "auth", status: 403 });
    const other = new TinkerClient({ baseUrl: server.url, apiKey: OTHER_KEY });
    expect((await other.rest.listTrainingRuns()).items).toEqual([]);
    const unknown = client.createLoraTrainingClient({ baseModel: "no/such-model", rank: 8 });
    await expect(unknown).rejects.toThrow("no/such-model");
  });
});
