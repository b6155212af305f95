import type { Ask } from "@pka/core";
import { freshCheckpoint, openEngine } from "@pka/engine";
import { tinyRenderer } from "@pka/renderers";
import { expect, onTestFinished, test } from "vitest";
import { samplingModel, type SamplingModelOptions } from "./sampling-model.js";

const ASK: Ask = {
  task: "qa",
  question: "Where does Welmira live?",
  cues: false,
  thinking: true,
  sampling: { temperature: 1, topP: 1 },
  seed: 3,
};

/** An untrained model of the embedded engine: it writes nonsense, by the same rules as a trained one. */
async function setUp(options: Partial<SamplingModelOptions> = {}) {
  const words = [" Where", " does", " live", " Welmira", "?"];
  const shape = { hiddenSize: 16, numLayers: 1, numHeads: 2, feedForwardSize: 32, contextLength: 64 };
  const engine = await openEngine(freshCheckpoint(words, shape, 1), { worker: false });
  onTestFinished(() => engine.close());
  const renderer = tinyRenderer(engine.tokenizer);
  const client = await engine.samplingClient();
  const model = samplingModel({
    id: "engine:fresh",
    fileName: "fresh",
    client,
    renderer,
    maxTokens: { qa: 12, math: 20 },
    ...options,
  });
  return { model, engine, renderer };
}

test("a completion of the embedded engine: text, tokens, logprobs, counts", async () => {
  const { model, engine, renderer } = await setUp();
  const completion = await model.generate(ASK);
  const { tokens = [], logprobs = [] } = completion;
  const stopped = renderer.stop.includes(tokens.at(-1)!);
  expect(completion).toMatchObject({
    finishReason: stopped ? "stop" : "length",
    numTokens: tokens.length,
    attempts: 1,
  });
  expect(tokens.length).toBeGreaterThan(0);
  expect(completion.text).toBe(engine.tokenizer.decode(stopped ? tokens.slice(0, -1) : tokens));
  expect(logprobs).toHaveLength(tokens.length);
  for (const logprob of logprobs) expect(logprob).toBeLessThan(0);
  // " Where does Welmira live?" and <think>
  expect(completion.usage).toEqual({
    promptTokens: 6,
    completionTokens: tokens.length,
    totalTokens: 6 + tokens.length,
  });
});

test("a whole prompt is one user message, with the limit of questions", async () => {
  const { model, engine, renderer } = await setUp();
  const { usage, numTokens } = await model.generate({ ...ASK, task: "prompt", cues: true });
  const message = { role: "user" as const, content: ASK.question };
  const prompt = renderer.buildGenerationPrompt([message], { thinking: true });
  expect(usage.promptTokens).toBe(prompt.length);
  expect(numTokens).toBeLessThanOrEqual(12);
  expect(engine.tokenizer.decode(prompt)).toContain(ASK.question);
});

test("the stop token counts", async () => {
  const { model, renderer } = await setUp();
  for (let seed = 0; seed < 2000; seed++) {
    const { tokens, numTokens, finishReason } = await model.generate({ ...ASK, seed });
    if (finishReason !== "stop") continue;
    expect(renderer.stop).toContain(tokens!.at(-1));
    expect(numTokens).toBe(tokens!.length);
    return;
  }
  expect.unreachable("no completion stopped");
});

test("a seed makes the completion repeatable, another one changes it", async () => {
  const { model } = await setUp();
  const [first, same, other] = await Promise.all([3, 3, 4].map((seed) => model.generate({ ...ASK, seed })));
  expect(same).toEqual(first);
  expect(other!.tokens).not.toEqual(first!.tokens);
});

test("each task has its own limit", async () => {
  const { model } = await setUp({ maxTokens: { qa: 2, math: 5 } });
  const lengths = async (task: Ask["task"]) =>
    Promise.all(
      Array.from({ length: 20 }, async (_, seed) => (await model.generate({ ...ASK, task, seed })).numTokens),
    );
  expect(Math.max(...(await lengths("qa")))).toBe(2);
  expect(Math.max(...(await lengths("math")))).toBe(5);
});

test("a question that does not fit is this question's error", async () => {
  const { model } = await setUp();
  await expect(model.generate({ ...ASK, question: "?".repeat(1_000_000) })).rejects.toMatchObject({
    code: "model_error",
    kind: "invalid-request",
    isFatal: false,
  });
});

test("cancelled: rejects with the reason", async () => {
  const { model } = await setUp();
  const reason = new Error("stopped by the user");
  await expect(model.generate(ASK, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("settings name the renderer, the limits and what the caller adds", async () => {
  const { model } = await setUp({ settings: { checkpoint: "abc" } });
  expect(model.settings).toEqual({
    api: "sampling",
    renderer: "tiny",
    maxTokensQa: 12,
    maxTokensMath: 20,
    promptVersion: "paper-1",
    checkpoint: "abc",
  });
});

test("a mode that the weights do not have is refused", async () => {
  const { model } = await setUp({ thinkingModes: [false] });
  await expect(model.generate(ASK)).rejects.toThrow("engine:fresh does not think: ask it with --thinking no");
});

test("close releases what the caller says", async () => {
  let isClosed = false;
  const { model } = await setUp({ close: async () => void (isClosed = true) });
  await model.close!();
  expect(isClosed).toBe(true);
});
