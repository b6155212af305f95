import type { Datum, TrainingClient } from "@pka/core";
import { expect, test } from "vitest";
import { TinkerRequestFailedError } from "./errors.js";
import { openClient } from "./testing/open-client.js";
import { startTinkerStub } from "./testing/tinker-stub.js";
import { decodeForwardBackwardRequest } from "./wire/forward-backward-request.js";

const DATUM: Datum = { tokens: [1, 2, 3], targetTokens: [2, 3, 4] };

test("from nothing to a sample of what was trained, through core's interfaces", async () => {
  const stub = await startTinkerStub();
  const client = openClient(stub);
  const training: TrainingClient = await client.createLoraTrainingClient({ baseModel: "stub/base", rank: 8 });

  const [pass, step] = await Promise.all([
    training.forwardBackward([DATUM], "cross_entropy"),
    training.optimStep({ learningRate: 1e-3 }),
  ]);
  expect(pass.logprobs).toEqual([Float32Array.of(-0.02, -0.03, -0.04)]);
  expect(pass.loss).toBeCloseTo(0.09, 6);
  expect(step.metrics).toEqual({ lr: 1e-3 });

  const sampler = await training.saveWeightsAndGetSamplingClient();
  const request = { prompt: [7, 8], numSamples: 2, params: { maxTokens: 2, stop: [0] } };
  expect(await sampler.sample(request)).toEqual([
    { tokens: [0, 1], logprobs: [-0.5, -0.5], stopReason: "length" },
    { tokens: [1, 2], logprobs: [-0.5, -0.5], stopReason: "length" },
  ]);
  expect(await sampler.computeLogprobs([7, 8, 9])).toEqual([null, -1, -1]);
  expect(stub.applied).toEqual(["1 forward_backward 1", "2 optim_step", "3 save_weights_for_sampler"]);
  await client.close();
});

test("what goes over the wire is what the official SDK sends", async () => {
  const stub = await startTinkerStub();
  const client = openClient(stub, { tags: ["a"], projectId: "p", userMetadata: { who: "me" } });
  const training = await client.createLoraTrainingClient({
    baseModel: "stub/base",
    rank: 8,
    userMetadata: { run: "1" },
  });
  await training.forwardBackward([DATUM], "cross_entropy");
  await training.optimStep({ learningRate: 1e-4 });
  await training.saveState("ck1", { ttlSeconds: 3600 });
  const sampler = await client.createSamplingClient({ baseModel: "stub/base" });
  const params = { maxTokens: 5, stop: ["x"] };
  await sampler.sampleDetailed({ prompt: [1, 2, 3], numSamples: 2, params, promptLogprobs: true });

  // Polls and heartbeats are as many as the machine is slow.
  const byTime = ["/retrieve_future", "/session_heartbeat"];
  expect(stub.requests.map(({ path }) => path).filter((path) => !byTime.includes(path))).toEqual([
    "/client/config",
    "/create_session",
    "/client/dynamic_config",
    "/create_model",
    "/forward_backward",
    "/optim_step",
    "/save_weights",
    "/create_sampling_session",
    "/asample",
  ]);
  const body = (path: string) => stub.to(path)[0]!.json;
  expect(body("/create_session")).toEqual({
    tags: ["a"],
    user_metadata: { who: "me" },
    sdk_version: "0.25.0",
    project_id: "p",
    type: "create_session",
  });
  const session = body("/create_model").session_id;
  expect(body("/create_model")).toEqual({
    session_id: session,
    model_seq_id: 0,
    base_model: "stub/base",
    user_metadata: { run: "1" },
    lora_config: { rank: 8, train_unembed: true, train_mlp: true, train_attn: true },
    type: "create_model",
  });
  expect(body("/optim_step")).toEqual({
    adam_params: { learning_rate: 1e-4, beta1: 0.9, beta2: 0.95, eps: 1e-12, weight_decay: 0, grad_clip_norm: 0 },
    model_id: `${session}:train:0`,
    seq_id: 2,
    type: "optim_step",
  });
  expect(body("/save_weights")).toEqual({
    model_id: `${session}:train:0`,
    path: "ck1",
    seq_id: 3,
    ttl_seconds: 3600,
    overwrite: false,
    type: "save_weights",
  });
  expect(body("/create_sampling_session")).toEqual({
    session_id: session,
    sampling_session_seq_id: 0,
    base_model: "stub/base",
    type: "create_sampling_session",
  });
  expect(body("/asample")).toEqual({
    num_samples: 2,
    prompt: { chunks: [{ tokens: [1, 2, 3], type: "encoded_text" }] },
    sampling_params: { max_tokens: 5, stop: ["x"], temperature: 1, top_k: -1, top_p: 1 },
    sampling_session_id: `${session}:sample:0`,
    seq_id: 0,
    prompt_logprobs: true,
    topk_prompt_logprobs: 0,
    type: "sample",
  });
  const { headers } = stub.to("/forward_backward")[0]!;
  expect(headers["content-type"]).toBe("application/x-protobuf");
  expect(stub.to("/asample")[0]!.headers["x-tinker-sampling-backpressure"]).toBe("1");
  const polls = stub.to("/retrieve_future").map((poll) => [poll.headers["x-tinker-request-type"], poll.headers.accept]);
  expect(polls).toContainEqual(["ForwardBackward", "application/x-protobuf, application/json"]);
  expect(polls).toContainEqual(["OptimStep", "application/json"]);
});

test("a batch larger than the server's limit goes in chunks, one after another, and comes back as one", async () => {
  const stub = await startTinkerStub({ config: { fwdbwd_max_chunk_len: 2 } });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const datums = [1, 2, 3, 4, 5].map((n) => ({ tokens: [n], targetTokens: [n] }));
  const [{ logprobs, loss }] = await Promise.all([
    training.forwardBackward(datums, "cross_entropy"),
    training.optimStep({ learningRate: 1 }),
  ]);
  expect(logprobs.map(([value]) => value)).toEqual([1, 2, 3, 4, 5].map((n) => Math.fround(-n / 100)));
  expect(loss).toBeCloseTo(0.15, 6);
  expect(stub.applied).toEqual([
    "1 forward_backward 2",
    "2 forward_backward 2",
    "3 forward_backward 1",
    "4 optim_step",
  ]);
});

test("chunks may arrive in any order where the server allows it: every one is applied once, in order", async () => {
  const config = { fwdbwd_max_chunk_len: 1, parallel_fwdbwd_chunks: true };
  const late = (seqId: number) => ({ delayMs: 60 - 20 * seqId });
  const stub = await startTinkerStub({
    config,
    fault: ({ path, body }) =>
      path === "/forward_backward" ? late(decodeForwardBackwardRequest(body).seqId!) : undefined,
  });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const datums = [1, 2, 3].map((n) => ({ tokens: [n], targetTokens: [n] }));
  const [{ logprobs }] = await Promise.all([
    training.forwardBackward(datums, "cross_entropy"),
    training.optimStep({ learningRate: 1 }),
  ]);
  expect(logprobs.map(([value]) => value)).toEqual([1, 2, 3].map((n) => Math.fround(-n / 100)));
  expect(stub.applied.slice(0, 3)).toEqual(["1 forward_backward 1", "2 forward_backward 1", "3 forward_backward 1"]);
  expect(stub.applied[3]).toBe("4 optim_step");
});

test("zstd where the server offers it, and results in JSON where it has no protobuf", async () => {
  const stub = await startTinkerStub({ config: { proto_compress_fwdbwd: true }, jsonResults: true });
  const client = openClient(stub);
  const training = await client.createLoraTrainingClient({ baseModel: "stub/base" });
  const { logprobs } = await training.forward([DATUM], "cross_entropy");
  expect(logprobs).toEqual([Float32Array.of(-0.02, -0.03, -0.04)]);
  expect(stub.to("/forward_backward")[0]!.headers["content-encoding"]).toBe("zstd");
  expect(stub.applied).toEqual(["1 forward 1"]);
  const sampler = await training.saveWeightsAndGetSamplingClient();
  expect(await sampler.computeLogprobs([1, 2])).toEqual([null, -1]);
});

test("a server without client/config gets the defaults", async () => {
  const stub = await startTinkerStub({ config: undefined });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  await training.forward([DATUM], "cross_entropy");
  expect(stub.applied).toEqual(["1 forward 1"]);
});

test.each([
  { lossFn: "ppo" as const, config: undefined, sent: { clip_low_threshold: 0.8, clip_high_threshold: 1.2 } },
  { lossFn: "cispo" as const, config: undefined, sent: { clip_low_threshold: 0.8, clip_high_threshold: 1.2 } },
  {
    lossFn: "cispo" as const,
    config: { clipLowThreshold: 0, clipHighThreshold: 4 },
    sent: { clip_low_threshold: 0, clip_high_threshold: 4 },
  },
  { lossFn: "dro" as const, config: { beta: 0.5 }, sent: { beta: 0.5 } },
  { lossFn: "importance_sampling" as const, config: undefined, sent: undefined },
])("$lossFn is sent with $sent", async ({ lossFn, config, sent }) => {
  const stub = await startTinkerStub();
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const datum = { ...DATUM, logprobs: [-1, -1, -1], advantages: [0, 1, -1] };
  await training.forwardBackward([datum], lossFn, config);
  const request = decodeForwardBackwardRequest(stub.to("/forward_backward")[0]!.body);
  expect(request.lossFnConfig).toEqual(sent);
  expect(Object.keys(request.data[0]!.lossFnInputs).toSorted()).toEqual(["advantages", "logprobs", "target_tokens"]);
});

test("a custom loss: forward pass, its derivative as weights of a backward pass, later calls behind both", async () => {
  const stub = await startTinkerStub();
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  // L = Σ logp², dL/dlogp = 2·logp, so the weights are −2·logp.
  const custom = training.forwardBackwardCustom([DATUM], ([row]) => ({
    loss: row!.reduce((sum, logprob) => sum + logprob ** 2, 0),
    gradLogprobs: [row!.map((logprob) => 2 * logprob)],
    metrics: { mine: 7 },
  }));
  const [result] = await Promise.all([custom, training.optimStep({ learningRate: 1 })]);
  expect(stub.applied).toEqual(["1 forward 1", "2 forward_backward 1", "3 optim_step"]);
  const { data } = decodeForwardBackwardRequest(stub.to("/forward_backward")[1]!.body);
  expect(data[0]!.lossFnInputs["weights"]!.data).toEqual(Float32Array.of(0.04, 0.06, 0.08));
  expect(result.loss).toBeCloseTo(0.02 ** 2 + 0.03 ** 2 + 0.04 ** 2, 9);
  expect(result.metrics["surrogate_loss:sum"]).toBeCloseTo(0.04 * 0.02 + 0.06 * 0.03 + 0.08 * 0.04, 6);
  expect(result.metrics["mine"]).toBe(7);
});

test("an error in a custom loss is its caller's, and later calls go on", async () => {
  const stub = await startTinkerStub();
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const custom = training.forwardBackwardCustom([DATUM], () => {
    throw new RangeError("mine");
  });
  const [first, second] = await Promise.allSettled([custom, training.forwardBackward([DATUM], "cross_entropy")]);
  expect(first).toMatchObject({ status: "rejected", reason: new RangeError("mine") });
  expect(second.status).toBe("fulfilled");
  expect(stub.applied).toEqual(["1 forward 1", "2 forward_backward 1"]);
});

test.each([
  { config: {}, paths: ["/weights_info", "/create_model", "/load_weights"] },
  { config: { create_model_via_load_weights: true }, paths: ["/load_weights"] },
])("a checkpoint is continued by $paths", async ({ config, paths }) => {
  const stub = await startTinkerStub({ config });
  const client = openClient(stub);
  const path = "tinker://run:train:0/weights/ck1";
  const training = await client.createTrainingClientFromStateWithOptimizer(path);
  await training.optimStep({ learningRate: 1 });
  const setUp = new Set(["/client/config", "/client/dynamic_config", "/create_session", "/retrieve_future"]);
  expect(stub.requests.map((request) => request.path).filter((each) => !setUp.has(each))).toEqual([
    ...paths,
    "/optim_step",
  ]);
  expect(stub.to("/load_weights")[0]!.json).toMatchObject({ path, optimizer: true });
  if (paths.length === 3) {
    expect(stub.to("/create_model")[0]!.json.lora_config).toMatchObject({ rank: 8, train_unembed: false });
  }
});

test("a checkpoint's name that is taken is a failed request of the user's", async () => {
  const stub = await startTinkerStub();
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  expect(await training.saveState("a")).toMatch(/^tinker:\/\/.*:train:0\/weights\/a$/);
  const again = training.saveState("a");
  await expect(again).rejects.toThrow(TinkerRequestFailedError);
  await expect(again).rejects.toMatchObject({ category: "user", kind: "invalid-request", isRetryable: false });
  // The request was taken, so the client goes on.
  expect(await training.saveState("a", { overwrite: true })).toMatch(/weights\/a$/);
  expect(await training.saveWeightsForSampler("a")).toMatch(/sampler_weights\/a$/);
});

test("information, capabilities, unloading", async () => {
  const stub = await startTinkerStub();
  const client = openClient(stub);
  expect(await client.getServerCapabilities()).toEqual({
    supportedModels: [{ name: "stub/base", maxContextLength: 128 }],
  });
  const training = await client.createLoraTrainingClient({ baseModel: "stub/base" });
  expect(await training.getInfo()).toMatchObject({ baseModel: "stub/base", tokenizerId: "stub/base", loraRank: 8 });
  const sampler = await training.saveWeightsAndGetSamplingClient();
  expect(await sampler.getInfo()).toMatchObject({ baseModel: "stub/base", modelPath: undefined });
  await training.unload();
  await client.close("success");
  const [finish] = stub.requests.filter(({ path }) => path.endsWith("/finish"));
  expect(finish!.json).toEqual({ reason: { type: "success" }, detail: null });
});

test("after close the next client begins a new session", async () => {
  const stub = await startTinkerStub();
  const client = openClient(stub);
  await client.createSamplingClient({ baseModel: "stub/base" });
  await client.close();
  await client.close();
  await client.createSamplingClient({ baseModel: "stub/base" });
  expect(stub.to("/create_session")).toHaveLength(2);
  expect(stub.requests.filter(({ path }) => path.endsWith("/finish"))).toHaveLength(1);
});
