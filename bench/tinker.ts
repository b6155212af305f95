// The Tinker client: a batch of 256 datums of 1,100 tokens with policy-loss inputs, encoded and decoded in protobuf and JSON, with
// and without zstd, and sent through a local server. Run from the repository's root:
//   node --expose-gc --conditions=@pka/source --import tsx bench/tinker.ts
// Every time is the best of several rounds; memory is the most that a round added to heap and external memory.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TinkerClient } from "@pka/tinker";
import {
  decodeForwardBackwardOutput,
  decodeForwardBackwardRequest,
  encodeForwardBackwardOutput,
  encodeForwardBackwardRequest,
  forwardBackwardRequestFromJson,
  forwardBackwardRequestToJson,
  parseJson,
  type TinkerDatum,
} from "@pka/tinker/wire";

const NUM_DATUMS = 256;
const NUM_TOKENS = 1100;
const ROUNDS = 7;

const datums: TinkerDatum[] = Array.from({ length: NUM_DATUMS }, (_, d) => {
  const tokens = Int32Array.from({ length: NUM_TOKENS }, (__, i) => (i * 7919 + d * 104_729) % 200_000);
  const floats = () => ({
    dtype: "float32" as const,
    data: Float32Array.from(tokens, (token) => -token / 77_777),
    shape: [NUM_TOKENS],
  });
  return {
    modelInput: { chunks: [{ type: "encoded_text", tokens }] },
    lossFnInputs: {
      target_tokens: { dtype: "int64", data: tokens, shape: [NUM_TOKENS] },
      logprobs: floats(),
      advantages: floats(),
    },
  };
});
const request = { modelId: "S:train:0", seqId: 1, data: datums, lossFn: "ppo", forwardOnly: false };
const output = {
  lossFnOutputType: "ArrayRecord",
  lossFnOutputs: datums.map(({ lossFnInputs }) => ({ logprobs: lossFnInputs["logprobs"]! })),
  metrics: { "loss:sum": 1 },
};

console.log(`${NUM_DATUMS} datums × ${NUM_TOKENS} tokens, target tokens, logprobs, advantages`);
const protobuf = encodeForwardBackwardRequest(request);
measure("request, protobuf, encode", () => encodeForwardBackwardRequest(request), protobuf.length);
measure("request, protobuf, decode", () => decodeForwardBackwardRequest(protobuf), protobuf.length);
const json = JSON.stringify(forwardBackwardRequestToJson(request));
measure("request, JSON, encode", () => JSON.stringify(forwardBackwardRequestToJson(request)), json.length);
measure("request, JSON, decode", () => forwardBackwardRequestFromJson(parseJson(json)), json.length);
const result = encodeForwardBackwardOutput(output);
measure("result, protobuf, encode", () => encodeForwardBackwardOutput(output), result.length);
measure("result, protobuf, decode", () => decodeForwardBackwardOutput(result), result.length);
await overHttp({});
await overHttp({ proto_compress_fwdbwd: true });

function measure(what: string, work: () => unknown, bytes: number): void {
  let best = Number.POSITIVE_INFINITY;
  let memory = 0;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    const before = usedBytes();
    const begin = performance.now();
    const made = work();
    best = Math.min(best, performance.now() - begin);
    memory = Math.max(memory, usedBytes() - before);
    if (made === undefined) throw new Error("nothing was made");
  }
  report(what, best, `${(bytes / 1e6).toFixed(1)} MB`, `+${(memory / 1e6).toFixed(0)} MB of memory`);
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function report(what: string, ms: number, ...rest: string[]): void {
  console.log([what.padEnd(34), `${ms.toFixed(1)} ms`.padStart(10), ...rest].join("  "));
}

/** One `forwardBackward` from the call to its result, against a server that takes the bytes and has the result ready. */
async function overHttp(config: object): Promise<void> {
  let received = 0;
  const answers: Record<string, object> = {
    "/client/config": { ...config, fwdbwd_max_chunk_bytes_count: 50_000_000 },
    "/create_session": { session_id: "S" },
    "/create_model": { request_id: "create" },
    "/forward_backward": { request_id: "pass" },
  };
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      const path = incoming.url!.replace("/api/v1", "");
      if (path === "/forward_backward") received = body.length;
      if (path === "/retrieve_future" && body.includes('"pass"')) {
        outgoing.writeHead(200, { "content-type": "application/x-protobuf" }).end(result);
        return;
      }
      const answer = path === "/retrieve_future" ? { model_id: "S:train:0" } : answers[path];
      outgoing.writeHead(answer ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new TinkerClient({ apiKey: "tml-bench", baseUrl });
  const training = await client.createLoraTrainingClient({ baseModel: "b" });
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await training.forwardBackward(datums, "ppo");
    best = Math.min(best, performance.now() - begin);
  }
  await client.close();
  server.close();
  server.closeAllConnections();
  const how = "proto_compress_fwdbwd" in config ? "zstd" : "plain";
  report(`forwardBackward over HTTP, ${how}`, best, `${(received / 1e6).toFixed(1)} MB`);
}
