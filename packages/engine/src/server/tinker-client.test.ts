import type { Datum } from "@pka/core";
import { TinkerClient, type TinkerClientOptions } from "@pka/tinker";
import { expect, onTestFinished, test } from "vitest";
import { openEngine } from "../open-engine.js";
import { startServer } from "../testing/start-server.js";

// The client is another program's half of the protocol: everything goes over a real connection.

const DATUMS: readonly Datum[] = [
  { tokens: [261, 300, 301, 302], targetTokens: [300, 301, 302, 260], weights: [0, 1, 1, 1] },
  { tokens: [262, 310], targetTokens: [310, 260] },
];

function connect(url: string, options: Partial<TinkerClientOptions> = {}): TinkerClient {
  const client = new TinkerClient({ baseUrl: url, apiKey: "tml-test", ...options });
  onTestFinished(() => client.close());
  return client;
}

test("the whole way of a training run, with the numbers of the engine in process", async () => {
  const server = await startServer({ apiKey: "tml-test" });
  const client = connect(server.url);
  const training = await client.createLoraTrainingClient({ baseModel: "tiny-base", rank: 4, seed: 1 });
  const engine = await openEngine("tiny-base", { worker: false });
  const local = await engine.trainingClient({ lora: { rank: 4, alpha: 32 }, seed: 1 });

  for (const lossFn of ["cross_entropy", "importance_sampling", "ppo", "cispo", "dro"] as const) {
    const config = lossFn === "dro" ? { beta: 0.1 } : {};
    const { logprobs } = await local.forward(DATUMS, "cross_entropy");
    const policy = DATUMS.map(({ tokens, targetTokens }, i) => ({
      tokens,
      targetTokens,
      logprobs: logprobs[i]!.map((logprob) => logprob + 0.1),
      advantages: tokens.map((_, at) => at - 1),
    }));
    const datums = lossFn === "cross_entropy" ? DATUMS : policy;
    const expected = await local.forwardBackward(datums, lossFn, config);
    // A pass and a step in flight together.
    const pending = training.forwardBackward(datums, lossFn, config);
    const stepped = training.optimStep({ learningRate: 1e-2, gradClipNorm: 1 });
    const got = await pending;
    expect(got.loss).toBe(expected.loss);
    expect(got.logprobs).toEqual(expected.logprobs);
    expect((await stepped).metrics).toEqual((await local.optimStep({ learningRate: 1e-2, gradClipNorm: 1 })).metrics);
  }

  const saved = await training.saveState("half");
  const { logprobs: atSave } = await training.forward(DATUMS, "cross_entropy");
  await training.forwardBackward(DATUMS, "cross_entropy");
  await training.optimStep({ learningRate: 1e-2 });
  const { logprobs: next } = await training.forward(DATUMS, "cross_entropy");
  expect(next).not.toEqual(atSave);
  const resumed = await client.createTrainingClientFromStateWithOptimizer(saved);
  expect((await resumed.forward(DATUMS, "cross_entropy")).logprobs).toEqual(atSave);
  await resumed.forwardBackward(DATUMS, "cross_entropy");
  await resumed.optimStep({ learningRate: 1e-2 });
  expect((await resumed.forward(DATUMS, "cross_entropy")).logprobs).toEqual(next);
  const fresh = await client.createTrainingClientFromState(saved);
  await fresh.forwardBackward(DATUMS, "cross_entropy");
  await fresh.optimStep({ learningRate: 1e-2 });
  const { logprobs: withoutMoments } = await fresh.forward(DATUMS, "cross_entropy");
  expect(withoutMoments).not.toEqual(next);
  await training.loadState(saved, { optimizer: true });
  expect((await training.forward(DATUMS, "cross_entropy")).logprobs).toEqual(atSave);

  const info = await training.getInfo();
  const run = await client.rest.getTrainingRun(info.modelId);
  expect(run).toMatchObject({ baseModel: "tiny-base", loraRank: 4 });
  expect(await client.rest.listCheckpoints(info.modelId)).toHaveLength(1);
  await client.rest.publishCheckpoint(saved);
  expect(await client.rest.listCheckpoints(info.modelId)).toMatchObject([{ isPublic: true }]);
  await client.rest.deleteCheckpoint(saved);
  expect(await client.rest.listCheckpoints(info.modelId)).toEqual([]);
  await expect(client.createTrainingClientFromState(saved)).rejects.toThrow("there is no checkpoint");
  await training.unload();
  await expect(training.forward(DATUMS, "cross_entropy")).rejects.toThrow("not in training any more");
  await engine.close();
});

test("samples are those of the engine in process, and a snapshot never changes", async () => {
  const server = await startServer();
  const client = connect(server.url);
  const engine = await openEngine("tiny", { worker: false });
  const local = await engine.samplingClient();
  const prompt = engine.tokenizer.encode(" Where does Welmira live?<think>");
  const end = engine.tokenizer.tokenId("<|end|>");
  const remote = await client.createSamplingClient({ baseModel: "tiny" });
  const params = { maxTokens: 20, seed: 3 };
  const drawn = await remote.sample({ prompt, numSamples: 3, params });
  const expected = await local.sample({ prompt, numSamples: 3, params: { ...params, stop: [end] } });
  expect(drawn.map(({ tokens, stopReason }) => [tokens, stopReason])).toEqual(
    expected.map(({ tokens, stopReason }) => [tokens, stopReason]),
  );
  for (const [i, { logprobs }] of drawn.entries()) {
    expect([...logprobs]).toEqual([...Float32Array.from(expected[i]!.logprobs)]);
  }
  const [hot] = await remote.sample({ prompt, params: { ...params, temperature: 2, topK: 20 } });
  const own = (await local.computeLogprobs([...prompt, ...hot!.tokens])).slice(prompt.length);
  expect([...hot!.logprobs]).toEqual([...Float32Array.from(own, Number)]);

  const detailed = await remote.sampleDetailed({
    prompt,
    params: { maxTokens: 1 },
    promptLogprobs: true,
    topkPromptLogprobs: 3,
  });
  const scored = await local.computeLogprobs(prompt);
  expect(detailed.promptLogprobs?.[0]).toBeNaN();
  expect([...detailed.promptLogprobs!].slice(1)).toEqual([...Float32Array.from(scored.slice(1), Number)]);
  expect(detailed.topkPromptLogprobs).toMatchObject({ k: 3, length: prompt.length });

  // A stop string ends with the token that completes it.
  const greedy = { maxTokens: 20, temperature: 0 };
  const [whole] = await remote.sample({ prompt, params: greedy });
  const text = engine.tokenizer.decode([...whole!.tokens]);
  const { sequences } = await remote.sampleDetailed({ prompt, params: { ...greedy, stop: ["</think"] } });
  expect(engine.tokenizer.decode([...sequences[0]!.tokens])).toBe(
    text.slice(0, text.indexOf("</think>") + "</think>".length),
  );
  expect(sequences[0]!.stopReason).toBe("stop");

  const training = await client.createLoraTrainingClient({ baseModel: "tiny", rank: 4 });
  const snapshot = await training.saveWeightsAndGetSamplingClient();
  const named = await client.createSamplingClient({ modelPath: await training.saveWeightsForSampler("s") });
  const before = await snapshot.sample({ prompt, numSamples: 2, params });
  expect(await named.sample({ prompt, numSamples: 2, params })).toEqual(before);
  await training.forwardBackward(DATUMS, "cross_entropy");
  await training.optimStep({ learningRate: 0.05 });
  expect(await snapshot.sample({ prompt, numSamples: 2, params })).toEqual(before);
  expect(await named.sample({ prompt, numSamples: 2, params })).toEqual(before);
  const moved = await training.saveWeightsAndGetSamplingClient();
  expect(await moved.sample({ prompt, numSamples: 2, params })).not.toEqual(before);
  await engine.close();
});

test("many models and samplers at once do not disturb each other", async () => {
  const server = await startServer();
  const client = connect(server.url);
  const train = async (seed: number) => {
    const training = await client.createLoraTrainingClient({ baseModel: "tiny-base", rank: 2, seed });
    for (let i = 0; i < 3; i++) {
      const pending = training.forwardBackward(DATUMS, "cross_entropy");
      await training.optimStep({ learningRate: 1e-2 });
      await pending;
    }
    const sampler = await training.saveWeightsAndGetSamplingClient();
    const [sampled] = await sampler.sample({ prompt: [261, 300], params: { maxTokens: 8, seed } });
    return { ...(await training.forward(DATUMS, "cross_entropy")), sampled };
  };
  const together = await Promise.all([1, 2, 3].map(train));
  for (const seed of [1, 2, 3]) expect(await train(seed)).toEqual(together[seed - 1]);
});

test("failures are typed, and a wrong key is not retried", async () => {
  const server = await startServer({ apiKey: "tml-test" });
  const client = connect(server.url);
  await expect(client.createLoraTrainingClient({ baseModel: "tinny", rank: 4 })).rejects.toMatchObject({
    category: "user",
  });
  await expect(client.createLoraTrainingClient({ baseModel: "tiny", rank: 5000 })).rejects.toMatchObject({
    category: "user",
  });
  const stranger = connect(server.url, { apiKey: "tml-wrong" });
  await expect(stranger.createSamplingClient({ baseModel: "tiny" })).rejects.toMatchObject({ status: 401 });
  const sampler = await client.createSamplingClient({ baseModel: "tiny" });
  await expect(sampler.sample({ prompt: [9999], params: { maxTokens: 1 } })).rejects.toMatchObject({
    category: "user",
  });
  const long = { prompt: Array.from({ length: 3000 }, () => 1), params: { maxTokens: 1 } };
  await expect(sampler.sample(long)).rejects.toThrow("context holds 2048");
});
