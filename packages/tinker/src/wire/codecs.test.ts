import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeForwardBackwardOutput,
  encodeForwardBackwardOutput,
  forwardBackwardOutputFromJson,
  forwardBackwardOutputToJson,
} from "./forward-backward-output.js";
import {
  decodeForwardBackwardRequest,
  encodeForwardBackwardRequest,
  forwardBackwardRequestFromJson,
  forwardBackwardRequestToJson,
} from "./forward-backward-request.js";
import { narrow, widen } from "./int64.js";
import { parseJson } from "./parse-json.js";
import { decodeSampleRequest, encodeSampleRequest } from "./sample-request.js";
import {
  decodeSampleResponse,
  encodeSampleResponse,
  sampleResponseFromJson,
  sampleResponseToJson,
} from "./sample-response.js";
import { type Tensor, toDense } from "./tensor.js";
import { topkRow } from "./topk-logprobs.js";
import { WireFormatError } from "./wire-format-error.js";

const options = { seed: 20260222, numRuns: 100 };
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const tokens = fc.array(int32, { maxLength: 8 }).map((values) => Int32Array.from(values));
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
// No map of the protobuf library or of zod holds "__proto__".
const name = fc.stringMatching(/^[a-z_]{1,12}$/).filter((text) => text !== "__proto__");

const tensor: fc.Arbitrary<Tensor> = fc.oneof(
  fc
    .array(float32)
    .map((values) => ({ dtype: "float32" as const, data: Float32Array.from(values), shape: [values.length] })),
  tokens.map((data) => ({ dtype: "int64" as const, data, shape: [data.length] })),
  fc
    .array(fc.bigInt({ min: 2n ** 31n, max: 2n ** 53n - 1n }), { minLength: 1 })
    .map((values) => ({ dtype: "int64" as const, data: BigInt64Array.from(values), shape: [values.length, 1] })),
  fc.constant({
    dtype: "float32" as const,
    data: Float32Array.of(1, 2, 3),
    shape: [2, 3],
    sparse: { crowIndices: Int32Array.of(0, 1, 3), colIndices: Int32Array.of(2, 0, 1) },
  }),
);
const inputs = fc.dictionary(name, tensor, { maxKeys: 3, noNullPrototype: true });
const bytes = fc.uint8Array({ maxLength: 8 });
const chunk = fc.oneof(
  tokens.map((ids) => ({ type: "encoded_text" as const, tokens: ids })),
  fc.record({
    type: fc.constant("image" as const),
    data: bytes,
    format: fc.constantFrom("png" as const, "jpeg" as const),
    expectedTokens: fc.option(fc.nat(99), { nil: undefined }),
  }),
  bytes.map((dmel) => ({ type: "dmel" as const, dmel })),
);
const request = fc.record({
  modelId: fc.string(),
  seqId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  data: fc.array(
    fc.record({ modelInput: fc.record({ chunks: fc.array(chunk, { maxLength: 3 }) }), lossFnInputs: inputs }),
    { maxLength: 3 },
  ),
  lossFn: name,
  lossFnConfig: fc.option(
    fc.dictionary(
      name,
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
        fc.string(),
      ),
      {
        minKeys: 1,
        noNullPrototype: true,
      },
    ),
    { nil: undefined },
  ),
  forwardOnly: fc.boolean(),
});

test("a training request comes back from protobuf and from JSON as it went", () => {
  fc.assert(
    fc.property(request, (value) => {
      expect(decodeForwardBackwardRequest(encodeForwardBackwardRequest(value))).toEqual(value);
      const json = JSON.parse(JSON.stringify(forwardBackwardRequestToJson(value)));
      expect(forwardBackwardRequestFromJson(json)).toEqual(value);
    }),
    options,
  );
});

test("a training result comes back from protobuf and from JSON as it went, also with rows of several widths", () => {
  const row = (k: number, n: number) =>
    fc.array(float32, { minLength: k * n, maxLength: k * n }).map((values) => ({
      logprobs: { dtype: "float32" as const, data: Float32Array.from(values), shape: [n, k] },
    }));
  const rows = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 4 })).chain(([k, n]) => row(k, n)),
    { maxLength: 5 },
  );
  const metrics = fc.dictionary(
    name,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    {
      noNullPrototype: true,
    },
  );
  fc.assert(
    fc.property(rows, metrics, (lossFnOutputs, values) => {
      const output = { lossFnOutputType: "ArrayRecord", lossFnOutputs, metrics: values };
      expect(decodeForwardBackwardOutput(encodeForwardBackwardOutput(output))).toEqual(output);
      const json = JSON.parse(JSON.stringify(forwardBackwardOutputToJson(output)));
      expect(forwardBackwardOutputFromJson(json)).toEqual(output);
    }),
    options,
  );
});

const TOPK = {
  length: 2,
  k: 2,
  tokenIds: Int32Array.of(0, 0, 5, 6),
  logprobs: Float32Array.of(-99_999, -99_999, -1, -2),
};

test("a sample comes back from protobuf and from JSON as it went, with all that can be asked for", () => {
  const response = {
    sequences: [
      {
        stopReason: "stop" as const,
        tokens: Int32Array.of(1, 2),
        logprobs: Float32Array.of(-1, -2),
        topkLogprobs: TOPK,
      },
      { stopReason: "length" as const, tokens: new Int32Array(), logprobs: undefined, topkLogprobs: undefined },
    ],
    promptLogprobs: Float32Array.of(Number.NaN, -1),
    topkPromptLogprobs: TOPK,
    targetPromptLogprobs: { dtype: "float32" as const, data: Float32Array.of(-1), shape: [1, 1] },
    promptAltTokens: {
      tokens: { dtype: "int64" as const, data: Int32Array.of(3), shape: [1, 1] },
      logprobs: { dtype: "float32" as const, data: Float32Array.of(-3), shape: [1, 1] },
    },
    promptCacheHitTokens: 7,
  };
  expect(decodeSampleResponse(encodeSampleResponse(response))).toEqual(response);
  expect(sampleResponseFromJson(JSON.parse(JSON.stringify(sampleResponseToJson(response))))).toEqual(response);
  expect(topkRow(TOPK, 0)).toBeNull();
  expect(topkRow(TOPK, 1)).toEqual([
    [5, -1],
    [6, -2],
  ]);
});

test("numbers of copied samplers keep all their digits, and text that looks like one stays text", () => {
  const text = encodeSampleRequest({
    samplingSessionId: 'a,12345678901234567890,"b\\":9999999999999999999]',
    seqId: 999_999_999_000_000_007n,
    prompt: { chunks: [{ type: "encoded_text", tokens: Int32Array.of(1) }] },
    samplingParams: { temperature: 0.1234567890123456 },
    numSamples: 1,
    promptLogprobs: false,
    topkPromptLogprobs: 0,
    topkSampleLogprobs: 0,
    promptAltTokensK: 0,
    recordStabilityInfo: false,
  });
  const decoded = decodeSampleRequest(parseJson(text));
  expect(decoded.seqId).toBe(999_999_999_000_000_007n);
  expect(decoded.samplingSessionId).toBe('a,12345678901234567890,"b\\":9999999999999999999]');
  expect(decoded.samplingParams.temperature).toBe(0.1234567890123456);
});

test.each([
  { values: [2n ** 31n - 1n, -(2n ** 31n), -1n, 0n], fits: true },
  { values: [1n, 2n ** 31n], fits: false },
  { values: [-(2n ** 31n) - 1n], fits: false },
  { values: [2n ** 32n], fits: false },
])("$values fit into 32 bits each: $fits", ({ values, fits }) => {
  const narrowed = narrow(BigInt64Array.from(values));
  expect(narrowed instanceof Int32Array).toBe(fits);
  expect(Array.from<number | bigint, bigint>(narrowed, BigInt)).toEqual(values);
  expect([...widen(narrowed)]).toEqual(values);
});

test("sparse rows spelled out", () => {
  const sparse: Tensor = {
    dtype: "int64",
    data: Int32Array.of(1, 2, 3),
    shape: [2, 3],
    sparse: { crowIndices: Int32Array.of(0, 1, 3), colIndices: Int32Array.of(2, 0, 1) },
  };
  expect(toDense(sparse)).toEqual({ dtype: "int64", shape: [2, 3], data: Int32Array.of(0, 0, 1, 2, 3, 0) });
});

test("whatever bytes come, decoding gives a value or a WireFormatError", () => {
  const golden = Buffer.from("0a160801120805000000060000001a08000080bf000000c012080000c07f0000c0bf", "hex");
  const damaged = fc.tuple(fc.nat(golden.length - 1), fc.nat(255), fc.nat(golden.length)).map(([at, byte, end]) => {
    const copy = Uint8Array.from(golden);
    copy[at] = byte;
    return copy.subarray(0, end);
  });
  const decoders = [decodeSampleResponse, decodeForwardBackwardOutput, decodeForwardBackwardRequest];
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 64 })), (data) => {
      for (const decode of decoders) {
        try {
          decode(data);
        } catch (error) {
          expect(error).toBeInstanceOf(WireFormatError);
        }
      }
    }),
    { ...options, numRuns: 500 },
  );
});

const datum = (target: object) => ({
  forward_backward_input: {
    data: [{ model_input: { chunks: [{ tokens: [1, 2] }] }, loss_fn_inputs: { target_tokens: target } }],
    loss_fn: "cross_entropy",
  },
  model_id: "m",
  seq_id: 1,
});

test.each([
  {
    name: "a shape that does not fit",
    target: { data: [1, 2], dtype: "int64", shape: [3] },
    message: "data[0].target_tokens: shape [3]",
  },
  {
    name: "a fraction",
    target: { data: [1.5], dtype: "int64" },
    message: "data[0].target_tokens[0]: 1.5 is not a whole number",
  },
  {
    name: "an unknown dtype",
    target: { data: [1], dtype: "int8" },
    message: "field forward_backward_input.data.0.loss_fn_inputs.target_tokens.dtype",
  },
  {
    name: "half an index",
    target: { data: [1], dtype: "int64", shape: [1, 1], sparse_crow_indices: [0, 1] },
    message: "one of the sparse index arrays is missing",
  },
  {
    name: "a column outside",
    target: { data: [1], dtype: "int64", shape: [1, 1], sparse_crow_indices: [0, 1], sparse_col_indices: [4] },
    message: "a column is outside 0 to 0",
  },
])("JSON with $name names the field", ({ target, message }) => {
  expect(() => forwardBackwardRequestFromJson(datum(target))).toThrow(message);
  expect(() => forwardBackwardRequestFromJson(datum(target))).toThrow(WireFormatError);
});
