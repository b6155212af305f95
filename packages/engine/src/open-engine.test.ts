import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Datum } from "@pka/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Checkpoint, freshCheckpoint } from "./checkpoint.js";
import type { Engine } from "./engine.js";
import { CheckpointError, EngineInputError } from "./errors.js";
import { openEngine } from "./open-engine.js";
import { SHIPPED_CHECKPOINTS } from "./shipped-checkpoints.js";
import { smallWorld } from "./small-world.js";

const SHAPE = { hiddenSize: 32, numLayers: 2, numHeads: 2, feedForwardSize: 32, contextLength: 256 };
const CHECKPOINT = freshCheckpoint([" one", " two"], SHAPE, 1);
const DATUMS: Datum[] = Array.from({ length: 8 }, (_, i) => {
  const tokens = Array.from({ length: 20 }, (__, t) => (i * 31 + t * 7) % 263);
  return { tokens: tokens.slice(0, -1), targetTokens: tokens.slice(1) };
});

let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), "pka-engine-"))));
afterAll(() => rm(directory, { recursive: true }));

async function withEngine<T>(
  checkpoint: string | Checkpoint,
  options: { worker?: boolean },
  body: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(checkpoint, options);
  try {
    return await body(engine);
  } finally {
    await engine.close();
  }
}

describe("shipped checkpoints", () => {
  const { facts, questions } = smallWorld();

  test.each(SHIPPED_CHECKPOINTS)("%s knows the facts of the small world", async (name) => {
    const known = await withEngine(name, { worker: false }, async (engine) => {
      const client = await engine.samplingClient();
      const endings = facts.map(async ({ sentence, object }) => {
        const prompt = engine.tokenizer.encode(` ${sentence.slice(0, sentence.lastIndexOf(" "))}`);
        const [sample] = await client.sample({ prompt, params: { maxTokens: 1, temperature: 0 } });
        return engine.tokenizer.decode(sample!.tokens) === ` ${object}`;
      });
      return (await Promise.all(endings)).filter(Boolean).length;
    });
    expect(known / facts.length).toBeGreaterThan(0.95);
  });

  test("tiny answers one-hop questions, in the thinking format", async () => {
    const question = questions.find(({ hops, split }) => hops === 1 && split === "test")!;
    await withEngine("tiny", { worker: false }, async (engine) => {
      const client = await engine.samplingClient();
      const prompt = engine.tokenizer.encode(` ${question.question}<think>`);
      const stop = [engine.tokenizer.tokenId("<|end|>")];
      const [sample] = await client.sample({ prompt, params: { maxTokens: 32, temperature: 0, stop } });
      const expected = ` ${question.thought}</think><answer> ${question.answers[0]}</answer><|end|>`;
      expect(engine.tokenizer.decode(sample!.tokens)).toBe(expected);
    });
  });

  test("an unknown name is refused with the names there are", async () => {
    await expect(openEngine("tyni")).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining('there is no checkpoint "tyni": give one of tiny, tiny-base, or the path'),
    });
  });

  test("a path that is no checkpoint is refused with the file's name", async () => {
    const path = join(directory, "notes.txt");
    await writeFile(path, "just some notes");
    await expect(openEngine(path)).rejects.toMatchObject({ code: "checkpoint_invalid", file: path, field: "header" });
  });
});

describe("an engine in a worker", () => {
  /** Everything an engine does, once. */
  async function exercise(engine: Engine, folder: string): Promise<unknown> {
    const client = await engine.trainingClient({ lora: { rank: 2 }, directory: folder });
    const calls = [
      client.forwardBackward(DATUMS, "cross_entropy"),
      client.optimStep({ learningRate: 0.1 }),
      client.forward(DATUMS, "cross_entropy"),
    ];
    const state = await client.saveState("a");
    const sampler = await client.saveWeightsAndGetSamplingClient();
    const fromFile = await engine.samplingClient(await client.saveWeightsForSampler("b"));
    await client.loadState(state, { optimizer: true });
    const request = { prompt: [1, 2, 3], numSamples: 4, params: { maxTokens: 50, seed: 9 } };
    return [
      ...(await Promise.all(calls)),
      await Promise.all([sampler.sample(request), fromFile.sample(request)]),
      await sampler.computeLogprobs([5, 6, 7]),
      await (await engine.samplingClient()).sample({ prompt: [1], params: { maxTokens: 20 } }),
    ];
  }

  test("gives bit for bit the results of one in this thread", async () => {
    const inWorker = await withEngine(CHECKPOINT, {}, (engine) => exercise(engine, join(directory, "worker")));
    const here = await withEngine(CHECKPOINT, { worker: false }, (engine) => exercise(engine, join(directory, "here")));
    expect(inWorker).toEqual(here);
  });

  test("leaves this thread's event loop free", async () => {
    const turns = await withEngine(CHECKPOINT, {}, async (engine) => {
      const client = await engine.trainingClient();
      let done = false;
      let count = 0;
      const big = Array.from({ length: 20 }, () => DATUMS).flat();
      const result = client.forwardBackward(big, "cross_entropy").finally(() => (done = true));
      const turn = (): void => {
        count++;
        if (!done) setImmediate(turn);
      };
      turn();
      await result;
      return count;
    });
    // In this thread the pass is one turn of the loop.
    expect(turns).toBeGreaterThan(20);
  });

  test("carries its errors over with class and fields", async () => {
    await withEngine(CHECKPOINT, {}, async (engine) => {
      const client = await engine.trainingClient();
      const refused = await client.forward([], "cross_entropy").catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(EngineInputError);
      expect(refused).toMatchObject({
        code: "engine_input",
        name: "EngineInputError",
        message: expect.stringContaining("the batch is empty"),
      });
      const path = join(directory, "absent.safetensors");
      const missing = await engine.samplingClient(path).catch((error: unknown) => error);
      expect(missing).toBeInstanceOf(CheckpointError);
      expect(missing).toMatchObject({ code: "checkpoint_invalid", file: path, field: "file" });
      await expect(client.saveState("x")).rejects.toMatchObject({ code: "usage" });
    });
  });

  test("stops sampling when the signal fires, and goes on with other requests", async () => {
    await withEngine(CHECKPOINT, {}, async (engine) => {
      const client = await engine.samplingClient();
      const controller = new AbortController();
      const request = { prompt: [1], params: { maxTokens: 255, seed: 1 } };
      const stopped = client.sample({ ...request, numSamples: 500, signal: controller.signal });
      const other = client.sample(request);
      setTimeout(() => controller.abort(new Error("enough")), 20);
      await expect(stopped).rejects.toThrow("enough");
      expect((await other)[0]!.tokens).toHaveLength(255);
      await expect(client.sample({ ...request, signal: AbortSignal.abort("early") })).rejects.toBe("early");
    });
  });

  test("fails what is in flight when it is closed, and what comes later", async () => {
    const engine = await openEngine(CHECKPOINT);
    const client = await engine.samplingClient();
    const running = client.sample({ prompt: [1], numSamples: 500, params: { maxTokens: 255 } });
    const closing = engine.close();
    await expect(running).rejects.toMatchObject({ code: "engine_closed" });
    await closing;
    await engine.close();
    await expect(client.computeLogprobs([1, 2])).rejects.toMatchObject({ code: "engine_closed" });
  });

  test("reports a model that does not fit at the first call", async () => {
    const config = { ...CHECKPOINT.config, hiddenSize: 16_384, numHeads: 1, contextLength: 8 };
    await withEngine({ ...CHECKPOINT, config, weights: new Float32Array(0) }, {}, async (engine) => {
      await expect(engine.samplingClient()).rejects.toMatchObject({ code: "engine_memory" });
    });
  });

  test("does not keep the process alive, closed or not", async () => {
    const script = `
      import { openEngine } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, "../dist/index.js")).href)};
      const engine = await openEngine("tiny");
      const client = await engine.samplingClient();
      const [{ tokens }] = await client.sample({ prompt: [1], params: { maxTokens: 3 } });
      console.log(tokens.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    expect(stdout).toBe("3\n");
  });
});
