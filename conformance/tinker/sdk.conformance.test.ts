import { join } from "node:path";
import {
  decodeForwardBackwardOutput,
  decodeForwardBackwardRequest,
  encodeForwardBackwardOutput,
  encodeForwardBackwardRequest,
  encodeSampleResponse,
  type ForwardBackwardOutput,
  type ForwardBackwardRequest,
  forwardBackwardRequestToJson,
  type SampleResponse,
  type Tensor,
} from "@pka/tinker/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";

/** What sdk.py prints. */
interface Said {
  readonly requests: readonly string[];
  readonly same: readonly boolean[];
  readonly outputs: readonly object[];
  readonly samples: readonly object[];
  readonly server_only: { readonly hex: string; readonly read: object };
}

const interpreter = python();

const float32 = (data: number[], shape = [data.length]): Tensor => ({
  dtype: "float32",
  data: Float32Array.from(data),
  shape,
});
const int64 = (data: number[], shape = [data.length]): Tensor => ({
  dtype: "int64",
  data: Int32Array.from(data),
  shape,
});
const text = (...tokens: number[]) => ({ type: "encoded_text" as const, tokens: Int32Array.from(tokens) });

const REQUESTS: readonly ForwardBackwardRequest[] = [
  {
    modelId: "S:train:0",
    seqId: 1,
    data: [
      {
        modelInput: { chunks: [text(1, 2, 3)] },
        lossFnInputs: { target_tokens: int64([2, 3, 4]), weights: float32([0, 1, -0.5]) },
      },
    ],
    lossFn: "cross_entropy",
    lossFnConfig: undefined,
    forwardOnly: true,
  },
  {
    modelId: "S:train:1",
    seqId: 2_147_483_647,
    data: [3, 200_000].map((token) => ({
      modelInput: { chunks: [text(token), text(token, 0)] },
      lossFnInputs: {
        target_tokens: int64([1, 2, 3]),
        logprobs: float32([-0.1, -20, 0]),
        advantages: float32([0, 1, -1]),
      },
    })),
    lossFn: "ppo",
    lossFnConfig: { clip_low_threshold: 0.8, clip_high_threshold: 1.2, note: "text" },
    forwardOnly: false,
  },
  {
    modelId: "m",
    seqId: 3,
    data: [
      {
        modelInput: { chunks: [text(1, 2)] },
        lossFnInputs: {
          target_tokens: int64([1, 2, 3, 4, 5, 6], [2, 3]),
          weights: {
            dtype: "float32",
            data: Float32Array.of(0.5),
            shape: [2, 3],
            sparse: { crowIndices: Int32Array.of(0, 0, 1), colIndices: Int32Array.of(2) },
          },
        },
      },
    ],
    lossFn: "cross_entropy",
    lossFnConfig: undefined,
    forwardOnly: false,
  },
];

const OUTPUT: ForwardBackwardOutput = {
  lossFnOutputType: "ArrayRecord",
  lossFnOutputs: [
    { logprobs: float32([-0.5, -1]) },
    { logprobs: float32([-2, -3, -4, -5], [2, 2]) },
    { logprobs: float32([-6]) },
  ],
  metrics: { "loss:sum": 1.5 },
};

const TOPK = {
  length: 2,
  k: 2,
  tokenIds: Int32Array.of(0, 0, 7, 8),
  logprobs: Float32Array.of(-99_999, -99_999, -1, -2),
};
const SAMPLE: SampleResponse = {
  sequences: [
    { stopReason: "stop", tokens: Int32Array.of(5, 6), logprobs: Float32Array.of(-1, -2), topkLogprobs: TOPK },
    { stopReason: "length", tokens: Int32Array.of(9), logprobs: Float32Array.of(-0.5) },
  ],
  promptLogprobs: Float32Array.of(Number.NaN, -1.5),
  topkPromptLogprobs: TOPK,
  promptCacheHitTokens: 3,
};

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe.skipIf(interpreter === null)(
  `the official SDK's own converters${interpreter === null ? " (skipped: no Python environment)" : ""}`,
  () => {
    let said: Said;

    beforeAll(async () => {
      const input = JSON.stringify({
        requests: REQUESTS.map(forwardBackwardRequestToJson),
        encoded_requests: REQUESTS.map((request) => hex(encodeForwardBackwardRequest(request))),
        outputs: [hex(encodeForwardBackwardOutput(OUTPUT))],
        samples: [hex(encodeSampleResponse(SAMPLE))],
      });
      const script = join(import.meta.dirname, "sdk.py");
      said = JSON.parse((await runOrThrow(interpreter!, [script], { input, timeoutMs: 120_000 })).stdout) as Said;
    });

    test("we read what it sends, and it reads in ours the message that it would have sent", () => {
      const decoded = said.requests.map((bytes) => decodeForwardBackwardRequest(Buffer.from(bytes, "hex")));
      expect(decoded).toEqual(REQUESTS);
      expect(said.same).toEqual(REQUESTS.map(() => true));
    });

    test("it reads our results as we mean them", () => {
      expect(said.outputs).toEqual([
        {
          loss_fn_outputs: [
            { logprobs: ["float32", [2], [-0.5, -1]] },
            { logprobs: ["float32", [2, 2], [-2, -3, -4, -5]] },
            { logprobs: ["float32", [1], [-6]] },
          ],
          metrics: { "loss:sum": 1.5 },
        },
      ]);
      const topk = [
        null,
        [
          [7, -1],
          [8, -2],
        ],
      ];
      expect(said.samples).toEqual([
        {
          sequences: [
            ["stop", [5, 6], [-1, -2], topk],
            ["length", [9], [-0.5], null],
          ],
          prompt_logprobs: [null, -1.5],
          topk_prompt_logprobs: topk,
          prompt_cache_hit_tokens: 3,
        },
      ]);
    });

    test("we read bfloat16, int32 and ragged rows as it does", () => {
      const { lossFnOutputs, metrics } = decodeForwardBackwardOutput(Buffer.from(said.server_only.hex, "hex"));
      const rows = lossFnOutputs.map((outputs) =>
        Object.fromEntries(
          Object.entries(outputs).map(([name, { dtype, shape, data }]) => [
            name,
            [dtype, shape, Array.from(data, Number)],
          ]),
        ),
      );
      expect({ loss_fn_outputs: rows, metrics }).toEqual(said.server_only.read);
    });
  },
);
