// The embedded engine: matrix products, training steps, sampling, start-up. Run from the repository's root after a build:
//   node --conditions=@pka/source --import tsx bench/engine.ts
// Rates are the best of several rounds, in wall-clock time; training and sampling in process use one thread.
import type { Datum, SamplingClient } from "@pka/core";
import { type Engine, freshCheckpoint, openEngine } from "@pka/engine";
import { Arena } from "../packages/engine/src/arena.js";
import { emitKernels, instantiateKernels } from "../packages/engine/src/kernels/kernels.js";
import { matrix, multiply, packMatrix } from "../packages/engine/src/matrix.js";
import { leastSeconds } from "./least.js";

const ROUNDS = 8;
/** The shape of the reference figures: D 64, 2 layers, about 300 tokens in the vocabulary. */
const SHAPE = { hiddenSize: 64, numLayers: 2, numHeads: 4, feedForwardSize: 168, contextLength: 2048 };
const WORDS = Array.from({ length: 43 }, (_, i) => ` w${i}`);

// First of all: the kernels are emitted and compiled once per thread.
await startUp();
const CHECKPOINT = freshCheckpoint(WORDS, SHAPE, 0);
await products();
await training();
await sampling(true);
await sampling(false);

async function startUp(): Promise<void> {
  const started = performance.now();
  instantiateKernels(new Arena().memory);
  print("emit and compile the kernels", performance.now() - started, "ms", `${emitKernels().length} bytes`);
  for (const worker of [false, true]) {
    const opening = performance.now();
    const engine = await openEngine("tiny", { worker });
    const client = await engine.samplingClient();
    await client.sample({ prompt: [1], params: { maxTokens: 1 } });
    print(`open tiny and draw one token, ${where(worker)}`, performance.now() - opening, "ms");
    await engine.close();
  }
}

async function products(): Promise<void> {
  for (const [rows, depth, columns] of [
    [2048, 64, 192],
    [2048, 64, 304],
    [2048, 168, 64],
    [1024, 1024, 1024],
    [16, 64, 304],
    [1, 64, 304],
  ] as const) {
    const arena = new Arena();
    const kernels = instantiateKernels(arena.memory);
    const left = matrix(arena.allocateZeros(rows * depth), rows, depth);
    const right = matrix(arena.allocateZeros(depth * columns), depth, columns);
    const target = arena.allocate(rows * columns);
    const packed = packMatrix(kernels, right, arena.allocate(depth * columns));
    const operations = 2 * rows * depth * columns;
    const repeats = Math.ceil(2e8 / operations);
    const seconds = await leastSeconds(ROUNDS, () => {
      for (let i = 0; i < repeats; i++) multiply(kernels, left, packed, target);
    });
    print(`product ${rows} × ${depth} × ${columns}`, (operations * repeats) / seconds / 1e9, "GFLOP/s");
  }
}

async function training(): Promise<void> {
  const engine = await openEngine(CHECKPOINT, { worker: false });
  for (const [count, length] of [
    [32, 64],
    [32, 128],
    [256, 6],
  ] as const) {
    const client = await engine.trainingClient();
    const datums = Array.from({ length: count }, (_, i): Datum => {
      const ids = Array.from({ length: length + 1 }, (__, t) => (i * 131 + t * 37) % CHECKPOINT.config.vocabSize);
      return { tokens: ids.slice(0, -1), targetTokens: ids.slice(1) };
    });
    const seconds = await leastSeconds(ROUNDS, async () => {
      await client.forwardBackward(datums, "cross_entropy");
      await client.optimStep({ learningRate: 1e-4 });
    });
    print(`training step, ${count} sequences of ${length}`, (count * length) / seconds, "tokens/s", ms(seconds));
  }
  await engine.close();
}

async function sampling(worker: boolean): Promise<void> {
  const engine = await openEngine(CHECKPOINT, { worker });
  const client = await engine.samplingClient();
  for (const concurrency of [1, 16, 64]) {
    const seconds = await leastSeconds(ROUNDS, () => draw(client, engine, concurrency));
    print(
      `sampling, ${concurrency} at a time, ${where(worker)}`,
      (concurrency * 48) / seconds,
      "tokens/s",
      ms(seconds),
    );
  }
  await engine.close();
}

/** Completions of 48 tokens for `concurrency` different prompts, asked for at once. */
async function draw(client: SamplingClient, { config }: Engine, concurrency: number): Promise<void> {
  const prompts = Array.from({ length: concurrency }, (_, i) => [1, 2, 3, i % config.vocabSize]);
  await Promise.all(prompts.map((prompt) => client.sample({ prompt, params: { maxTokens: 48 } })));
}

function where(worker: boolean): string {
  return worker ? "in a worker" : "in process";
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

function print(what: string, value: number, unit: string, detail = ""): void {
  const figure = value >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toFixed(1);
  console.log(`${what.padEnd(48)} ${figure.padStart(9)} ${unit.padEnd(9)} ${detail}`.trimEnd());
}
