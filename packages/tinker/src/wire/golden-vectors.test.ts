import { expect, test } from "vitest";
import { decodeForwardBackwardOutput, encodeForwardBackwardOutput } from "./forward-backward-output.js";
import {
  decodeForwardBackwardRequest,
  encodeForwardBackwardRequest,
  type ForwardBackwardRequest,
} from "./forward-backward-request.js";
import { decodeSampleResponse, encodeSampleResponse } from "./sample-response.js";

// Written by the converters of the official Python SDK 0.25.0.
const REQUEST =
  "0a09533a747261696e3a3010011a640a100a0e0a0c01000000020000000300000012300a0d7461726765745f746f6b656e73121f0a180200000000000000030000000000000004000000000000001802220103121e0a077765696768747312130a0c000000000000803f0000803f1801220103220d63726f73735f656e74726f7079";
const OUTPUT =
  "0a0b41727261795265636f72641232122e0a086c6f6770726f627312220a0c000000bf000080bf000000bf121000000000000000000c00000000000000180118011a130a086c6f73733a73756d11000000000000f83f";
const SAMPLE = "0a160801120805000000060000001a08000080bf000000c012080000c07f0000c0bf";

const request: ForwardBackwardRequest = {
  modelId: "S:train:0",
  seqId: 1,
  data: [
    {
      modelInput: { chunks: [{ type: "encoded_text", tokens: Int32Array.of(1, 2, 3) }] },
      lossFnInputs: {
        target_tokens: { dtype: "int64", data: Int32Array.of(2, 3, 4), shape: [3] },
        weights: { dtype: "float32", data: Float32Array.of(0, 1, 1), shape: [3] },
      },
    },
  ],
  lossFn: "cross_entropy",
  forwardOnly: false,
};

test("forward_backward request: the official bytes, both ways", () => {
  expect(hex(encodeForwardBackwardRequest(request))).toBe(REQUEST);
  expect(decodeForwardBackwardRequest(bytes(REQUEST))).toEqual({ ...request, lossFnConfig: undefined });
});

test("forward_backward result: the official bytes, both ways", () => {
  const output = {
    lossFnOutputType: "ArrayRecord",
    lossFnOutputs: [{ logprobs: { dtype: "float32" as const, data: Float32Array.of(-0.5, -1, -0.5), shape: [3] } }],
    metrics: { "loss:sum": 1.5 },
  };
  expect(hex(encodeForwardBackwardOutput(output))).toBe(OUTPUT);
  expect(decodeForwardBackwardOutput(bytes(OUTPUT))).toEqual(output);
});

test("sample result: the official bytes, both ways", () => {
  const response = {
    sequences: [{ stopReason: "length" as const, tokens: Int32Array.of(5, 6), logprobs: Float32Array.of(-1, -2) }],
    promptLogprobs: Float32Array.of(Number.NaN, -1.5),
    promptCacheHitTokens: 0,
  };
  expect(hex(encodeSampleResponse(response))).toBe(SAMPLE);
  expect(decodeSampleResponse(bytes(SAMPLE))).toEqual(response);
});

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
