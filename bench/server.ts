// The embedded engine over HTTP on loopback, server and client in processes of their own: requests, samples, training steps and large
// bodies per second. Run from the repository's root, after a build (the engine computes in its built worker):
//   node --conditions=@pka/source --import tsx bench/server.ts
// Every figure is the best of several rounds.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Datum } from "@pka/core";
import { openEngine } from "@pka/engine";
import { serve } from "@pka/engine/server";
import { inParallel } from "@pka/fault-kit";
import { TinkerClient } from "@pka/tinker";
import { encodeForwardBackwardRequest } from "@pka/tinker/wire";
import { leastSeconds } from "./least.js";

const ROUNDS = 5;
const VOCABULARY = 525;

if (process.argv[2] === "server") {
  const server = await serve({ dataDir: process.argv[3]! });
  process.send!(server.url);
  process.once("disconnect", () => void server.close());
} else await measure();

async function measure(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "pka-bench-"));
  const server = fork(fileURLToPath(import.meta.url), ["server", dataDir], { execArgv: process.execArgv });
  const [url] = (await once(server, "message")) as [string];
  const client = new TinkerClient({ baseUrl: url, apiKey: "tml-bench" });

  const health = await leastSeconds(ROUNDS, () => inParallel(2000, 16, () => client.rest.checkHealth()));
  print("health checks, 16 at a time", `${perSecond(2000, health)} requests/s`);

  const sampler = await client.createSamplingClient({ baseModel: "tiny" });
  for (const concurrency of [1, 16, 128]) {
    const count = concurrency === 1 ? 200 : 1000;
    const sample = () => sampler.sample({ prompt: [261, 300], params: { maxTokens: 16 } });
    const seconds = await leastSeconds(ROUNDS, () => inParallel(count, concurrency, sample));
    print(`samples of up to 16 tokens, ${concurrency} at a time`, `${perSecond(count, seconds)} samples/s`);
  }

  const datums = makeDatums(32, 64, VOCABULARY);
  const engine = await openEngine("tiny-base");
  const clients = {
    "over HTTP": await client.createLoraTrainingClient({ baseModel: "tiny-base", rank: 8 }),
    "in process": await engine.trainingClient({ lora: { rank: 8 } }),
  };
  for (const [where, training] of Object.entries(clients)) {
    const seconds = await leastSeconds(ROUNDS, async () => {
      for (let step = 0; step < 5; step++) {
        const pass = training.forwardBackward(datums, "cross_entropy");
        await training.optimStep({ learningRate: 1e-3 });
        await pass;
      }
    });
    print(`training step of 32 × 64 tokens, ${where}`, `${((seconds / 5) * 1000).toFixed(1)} ms`);
  }
  await engine.close();

  // The last token of each is unknown, so that the body is read and checked but nothing is computed.
  const large = makeDatums(256, 1100, VOCABULARY);
  const wrong = large.map((datum) => ({ ...datum, targetTokens: [...datum.targetTokens.slice(0, -1), 99_999] }));
  const policy = wrong.map((datum) => ({ ...datum, logprobs: zeros(datum), advantages: zeros(datum) }));
  const bytes = encodeForwardBackwardRequest({
    modelId: "m",
    seqId: 1,
    lossFn: "ppo",
    forwardOnly: false,
    data: policy.map(({ tokens, targetTokens }) => ({
      modelInput: { chunks: [{ type: "encoded_text", tokens: Int32Array.from(tokens) }] },
      lossFnInputs: {
        target_tokens: { dtype: "int64", data: Int32Array.from(targetTokens), shape: [tokens.length] },
        logprobs: { dtype: "float32", data: new Float32Array(tokens.length), shape: [tokens.length] },
        advantages: { dtype: "float32", data: new Float32Array(tokens.length), shape: [tokens.length] },
      },
    })),
  }).length;
  const training = clients["over HTTP"];
  const seconds = await leastSeconds(ROUNDS, async () => {
    await training.forwardBackward(policy, "ppo").then(
      () => Promise.reject(new Error("the unknown token was accepted")),
      () => undefined,
    );
  });
  const megabytes = bytes / 1e6;
  print(
    `batch of 256 × 1,100 tokens, ${megabytes.toFixed(1)} MB, encoded, sent, decoded and checked`,
    `${(seconds * 1000).toFixed(0)} ms, ${(megabytes / seconds).toFixed(0)} MB/s`,
  );
  await client.close();
  server.disconnect();
  await once(server, "exit");
  rmSync(dataDir, { recursive: true, force: true });
}

function makeDatums(count: number, length: number, vocabulary: number): Datum[] {
  return Array.from({ length: count }, (_, d) => {
    const all = Array.from({ length: length + 1 }, (__, i) => (i * 7919 + d * 104_729) % vocabulary);
    return { tokens: all.slice(0, -1), targetTokens: all.slice(1) };
  });
}

function zeros({ tokens }: Datum): number[] {
  return tokens.map(() => 0);
}

function perSecond(count: number, seconds: number): string {
  return Math.round(count / seconds).toLocaleString("en-US");
}

function print(what: string, figure: string): void {
  console.log(`${what}: ${figure}`);
}
