import { UsageError } from "@pka/core";
import { expect, test, vi } from "vitest";
import { TinkerInputError } from "./errors.js";
import { API_KEY, openClient } from "./testing/open-client.js";
import { startTinkerStub } from "./testing/tinker-stub.js";
import { TinkerClient } from "./tinker-client.js";
import type { TrainingDatum } from "./to-tinker-datum.js";
import type { TinkerTrainingClient } from "./training-client.js";

test.each([
  { name: "no key", options: { apiKey: "" }, message: /TINKER_API_KEY/ },
  { name: "a key without the prefix", options: { apiKey: "sk-s3cr3t" }, message: /does not start with tml-/ },
  { name: "a key with a line break", options: { apiKey: "tml-s3cr3t\n" }, message: /line break/ },
  { name: "no URL", options: { apiKey: API_KEY, baseUrl: "tinker" }, message: /"tinker" is not a base URL/ },
  { name: "a URL with a password", options: { apiKey: API_KEY, baseUrl: "http://u:s3cr3t@h/" }, message: /of h:/ },
  { name: "a URL with a query", options: { apiKey: API_KEY, baseUrl: "http://h/?a" }, message: /nothing may follow/ },
  { name: "a negative limit", options: { apiKey: API_KEY, maxRetryMs: -1 }, message: /maxRetryMs is -1/ },
])("$name is refused before anything is sent, and not quoted", ({ options, message }) => {
  const fetch = vi.fn();
  const open = () => new TinkerClient({ ...options, fetch });
  expect(open).toThrow(UsageError);
  expect(open).toThrow(message);
  expect(open).not.toThrow(/s3cr3t/);
  expect(fetch).not.toHaveBeenCalled();
});

test("a key of another form is worth a warning where the server is one's own", () => {
  const warn = vi.fn();
  expect(new TinkerClient({ apiKey: "mine", baseUrl: "http://h", logger: { info() {}, warn } })).toBeDefined();
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("tml-"));
});

const OK = { tokens: [1, 2], targetTokens: [2, 3] };
const float32 = (data: number[], shape = [data.length]) =>
  ({ dtype: "float32", data: Float32Array.from(data), shape }) as const;
const int64 = (data: number[], shape = [data.length]) =>
  ({ dtype: "int64", data: Int32Array.from(data), shape }) as const;
const modelInput = { chunks: [{ type: "encoded_text" as const, tokens: Int32Array.of(1, 2) }] };

test.each<{ name: string; datums: TrainingDatum[]; message: string }>([
  { name: "an empty batch", datums: [], message: "the batch is empty; at least one datum is needed" },
  { name: "no tokens", datums: [{ tokens: [], targetTokens: [] }], message: "datums[0].tokens is empty" },
  {
    name: "targets of another length",
    datums: [OK, { tokens: [1, 2], targetTokens: [2] }],
    message: "datums[1].targetTokens has 1 elements, and tokens has 2; they must be equal",
  },
  { name: "weights of another length", datums: [{ ...OK, weights: [1] }], message: "datums[0].weights has 1 elements" },
  {
    name: "a weight that is NaN",
    datums: [{ ...OK, weights: [1, Number.NaN] }],
    message: "datums[0].weights[1] is NaN, and must be a finite number",
  },
  {
    name: "a weight beyond 32 bits",
    datums: [{ ...OK, weights: [1e39, 1] }],
    message: "datums[0].weights[0] is Infinity, and must be a finite number",
  },
  { name: "a negative token", datums: [{ ...OK, tokens: [1, -2] }], message: "datums[0].tokens[1] is -2" },
  { name: "half a token", datums: [{ ...OK, targetTokens: [1.5, 2] }], message: "datums[0].targetTokens[0] is 1.5" },
  { name: "a token beyond 32 bits", datums: [{ ...OK, tokens: [2 ** 31, 1] }], message: "datums[0].tokens[0]" },
  { name: "advantages", datums: [{ ...OK, advantages: [1, 1] }], message: "advantages is not used by cross_entropy" },
  {
    name: "no weights in the API's shape",
    datums: [{ modelInput, lossFnInputs: { target_tokens: int64([1, 2]) } }],
    message: "datums[0].weights is missing; cross_entropy needs it",
  },
  {
    name: "a shape that does not hold its data",
    datums: [{ modelInput, lossFnInputs: { target_tokens: int64([1, 2], [2, 2]), weights: float32([1, 1]) } }],
    message: "datums[0].target_tokens: shape [2, 2] does not hold 2 elements",
  },
  {
    name: "an input of another length",
    datums: [{ modelInput, lossFnInputs: { target_tokens: int64([1]), weights: float32([1]) } }],
    message: "datums[0].target_tokens has 1 positions, and the input 2; they must be equal",
  },
  {
    name: "an image asset",
    datums: [
      {
        modelInput: { chunks: [{ type: "image_asset_pointer", location: "x", format: "png" }] },
        lossFnInputs: { target_tokens: int64([1]), weights: float32([1]) },
      },
    ],
    message: "datums[0]: an image asset pointer can only be sampled from",
  },
])("$name is refused before anything is sent", async ({ datums, message }) => {
  const stub = await startTinkerStub();
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const pass = training.forwardBackward(datums, "cross_entropy");
  await expect(pass).rejects.toThrow(TinkerInputError);
  await expect(pass).rejects.toThrow(message);
  expect(stub.to("/forward_backward")).toHaveLength(0);
  // It has taken no number, so the client goes on.
  await training.optimStep({ learningRate: 1 });
  expect(stub.applied).toEqual(["1 optim_step"]);
});

type Call = (training: TinkerTrainingClient, client: TinkerClient) => Promise<unknown>;
const POLICY = { ...OK, logprobs: [-1, -1], advantages: [1, 1] };

test.each<{ name: string; call: Call; message: RegExp }>([
  {
    name: "an unknown loss",
    call: (t) => t.forward([OK], "mse" as "ppo"),
    message: /unknown loss "mse"; there are cross/,
  },
  { name: "dro without beta", call: (t) => t.forward([POLICY], "dro"), message: /dro needs beta/ },
  {
    name: "thresholds for another loss",
    call: (t) => t.forward([OK], "cross_entropy", { clipLowThreshold: 1 }),
    message: /clipLowThreshold is no setting of cross_entropy/,
  },
  { name: "a policy loss without logprobs", call: (t) => t.forward([OK], "ppo"), message: /logprobs is missing/ },
  {
    name: "a learning rate that is NaN",
    call: (t) => t.optimStep({ learningRate: Number.NaN }),
    message: /learningRate/,
  },
  { name: "a checkpoint name with a slash", call: (t) => t.saveState("a/b"), message: /checkpoint name "a\/b"/ },
  {
    name: "sampler weights as a state",
    call: (t) => t.loadState("tinker://r/sampler_weights/a"),
    message: /no training state/,
  },
  { name: "another scheme", call: (t) => t.loadState("http://r/weights/a"), message: /no checkpoint path/ },
  {
    name: "a path with too many parts",
    call: (t) => t.loadState("tinker://r/weights/a/b"),
    message: /no checkpoint path/,
  },
  {
    name: "a path out of the API",
    call: (_, c) => c.rest.deleteCheckpoint("tinker://../weights/.."),
    message: /no checkpoint path/,
  },
  {
    name: "a query in a path",
    call: (_, c) => c.rest.publishCheckpoint("tinker://r/weights/a?b"),
    message: /no checkpoint path/,
  },
  {
    name: "an id that is a path",
    call: (_, c) => c.rest.getTrainingRun("../sessions"),
    message: /no id of a training run/,
  },
  {
    name: "a negative TTL",
    call: (_, c) => c.rest.setCheckpointTtl("tinker://r/weights/a", -1),
    message: /ttlSeconds is -1/,
  },
  { name: "rank 0", call: (_, c) => c.createLoraTrainingClient({ baseModel: "b", rank: 0 }), message: /rank is 0/ },
  {
    name: "nothing to train",
    call: (_, c) =>
      c.createLoraTrainingClient({ baseModel: "b", trainMlp: false, trainAttn: false, trainUnembed: false }),
    message: /nothing to train/,
  },
  {
    name: "a sampler of no path",
    call: (_, c) => c.createSamplingClient({ modelPath: "x" }),
    message: /no checkpoint path/,
  },
])("$name is refused with what to do", async ({ call, message }) => {
  const stub = await startTinkerStub();
  const client = openClient(stub);
  const training = await client.createLoraTrainingClient({ baseModel: "stub/base" });
  const numRequests = stub.requests.length;
  const refused = call(training, client);
  await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/^(usage|tinker_input)$/) });
  await expect(refused).rejects.toThrow(message);
  expect(stub.requests.filter(({ path }) => path !== "/session_heartbeat")).toHaveLength(numRequests);
});

test.each([
  { name: "an empty prompt", request: { prompt: [], params: {} }, message: /prompt is empty/ },
  { name: "a prompt with half a token", request: { prompt: [1, 1.5], params: {} }, message: /prompt\[1\] is 1.5/ },
  { name: "no samples", request: { prompt: [1], params: {}, numSamples: 0 }, message: /numSamples is 0/ },
  { name: "no tokens", request: { prompt: [1], params: { maxTokens: 0 } }, message: /maxTokens is 0/ },
  { name: "cold", request: { prompt: [1], params: { temperature: -1 } }, message: /temperature is -1/ },
  { name: "topP 0", request: { prompt: [1], params: { topP: 0 } }, message: /topP is 0/ },
  { name: "topK 0", request: { prompt: [1], params: { topK: 0 } }, message: /topK is 0/ },
  { name: "half a seed", request: { prompt: [1], params: { seed: 0.5 } }, message: /seed is 0.5/ },
])("a sample of $name is refused before anything is sent", async ({ request, message }) => {
  const stub = await startTinkerStub();
  const sampler = await openClient(stub).createSamplingClient({ baseModel: "stub/base" });
  await expect(sampler.sampleDetailed(request)).rejects.toThrow(message);
  expect(stub.to("/asample")).toHaveLength(0);
});

test("2-D targets, sparse weights and text in pieces go as they are", async () => {
  const stub = await startTinkerStub();
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const datum: TrainingDatum = {
    modelInput: {
      chunks: [
        { type: "encoded_text", tokens: Int32Array.of(1) },
        { type: "encoded_text", tokens: Int32Array.of(2) },
      ],
    },
    lossFnInputs: { target_tokens: int64([1, 2, 3, 4], [2, 2]), weights: float32([1, 0, 0, 1], [2, 2]) },
  };
  const { logprobs, outputs } = await training.forwardBackward([datum], "cross_entropy");
  expect(logprobs).toEqual([Float32Array.of(-0.01, -0.02, -0.03, -0.04)]);
  expect(outputs[0]!["logprobs"]!.shape).toEqual([2, 2]);
});
