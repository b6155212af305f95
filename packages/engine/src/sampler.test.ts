import { describe, expect, test } from "vitest";
import { drawToken } from "./draw-token.js";
import type { ModelConfig } from "./model-config.js";
import { Random } from "@pka/core";
import { Sampler } from "./sampler.js";
import { Trainer } from "./trainer.js";
import { Transformer } from "./transformer.js";

const CONFIG: ModelConfig = {
  vocabSize: 37,
  hiddenSize: 32,
  numLayers: 2,
  numHeads: 2,
  feedForwardSize: 24,
  contextLength: 48,
};
const model = new Transformer(CONFIG);
model.initialize(new Random(5));
const weights = model.copyWeights().map((value) => value * 3);
const trainer = new Trainer(CONFIG, weights);

function newSampler(seed = 0): Sampler {
  return new Sampler(CONFIG, seed);
}

/** Logprobs of all tokens after the first, by the training forward pass. */
function teacherForced(tokens: readonly number[]): Float32Array {
  const datum = { tokens: tokens.slice(0, -1), targetTokens: tokens.slice(1) };
  return trainer.forward([datum], "cross_entropy").logprobs[0]!;
}

describe("logprobs", () => {
  test("of sampled tokens equal those of a forward pass over the finished sequence", async () => {
    const prompt = [3, 1, 4, 1, 5];
    const samples = await newSampler().sample(weights, { prompt, numSamples: 5, params: { maxTokens: 30, seed: 1 } });
    for (const { tokens, logprobs } of samples) {
      const expected = teacherForced([...prompt, ...tokens]).slice(prompt.length - 1);
      expect(tokens).toHaveLength(30);
      for (const [i, logprob] of logprobs.entries()) expect(logprob).toBeCloseTo(expected[i]!, 5);
    }
  });

  test("of given tokens are those of a forward pass, none for the first", () => {
    const tokens = [7, 7, 30, 2, 36];
    expect(newSampler().computeLogprobs(weights, tokens)).toEqual([null, ...teacherForced(tokens)]);
    expect(newSampler().computeLogprobs(weights, [7])).toEqual([null]);
  });

  test("at another temperature are those of the sharpened distribution", async () => {
    const prompt = [9];
    const [sample] = await newSampler().sample(weights, {
      prompt,
      params: { maxTokens: 1, temperature: 0.5, seed: 3 },
    });
    const all = Array.from({ length: CONFIG.vocabSize }, (_, id) => teacherForced([9, id])[0]!);
    const total = all.reduce((sum, logprob) => sum + Math.exp(2 * logprob), 0);
    expect(sample!.logprobs[0]).toBeCloseTo(2 * all[sample!.tokens[0]!]! - Math.log(total), 5);
  });
});

describe("a request gets the same tokens", () => {
  const request = { prompt: [1, 2, 3], numSamples: 3, params: { maxTokens: 20, seed: 42 } };

  test("alone, beside others, and after waiting for a free place", async () => {
    const alone = await newSampler().sample(weights, request);
    const busy = newSampler();
    const others = Array.from({ length: 70 }, (_, i) =>
      busy.sample(weights, { prompt: [i % 37, 5], params: { maxTokens: 1 + (i % 17), seed: i } }),
    );
    const crowded = await busy.sample(weights, request);
    await Promise.all(others);
    expect(crowded).toEqual(alone);
  });

  test("while requests with other weights wait their turn", async () => {
    const sampler = newSampler();
    const other = weights.map((value) => value * 0.9);
    const [first, second, third] = await Promise.all([
      sampler.sample(weights, request),
      sampler.sample(other, request),
      sampler.sample(weights, request),
    ]);
    expect(third).toEqual(first);
    expect(second).not.toEqual(first);
  });

  test("without a seed, when the sampler has the same seed and the calls the same order", async () => {
    const unseeded = { prompt: [1], params: { maxTokens: 12 } };
    const draw = async (sampler: Sampler) => [
      await sampler.sample(weights, unseeded),
      await sampler.sample(weights, unseeded),
    ];
    const [a, b, c] = [await draw(newSampler(1)), await draw(newSampler(1)), await draw(newSampler(2))];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(a[0]).not.toEqual(a[1]);
  });
});

describe("a completion ends", () => {
  test("with the stop token, which stays in the output", async () => {
    const stop = [0, 5, 10, 15, 20, 25, 30];
    const [sample] = await newSampler().sample(weights, { prompt: [1], params: { maxTokens: 47, seed: 1, stop } });
    expect(sample!.stopReason).toBe("stop");
    expect(stop).toContain(sample!.tokens.at(-1));
    expect(sample!.tokens.slice(0, -1).filter((token) => stop.includes(token))).toEqual([]);
    expect(sample!.logprobs).toHaveLength(sample!.tokens.length);
  });

  test("at maxTokens, and where the context is full", async () => {
    const short = await newSampler().sample(weights, { prompt: [1], params: { maxTokens: 1 } });
    expect(short[0]).toMatchObject({ stopReason: "length", tokens: { length: 1 } });
    const prompt = Array.from({ length: 40 }, (_, i) => i % 37);
    const full = await newSampler().sample(weights, { prompt, params: { maxTokens: 1000 } });
    expect(full[0]).toMatchObject({ stopReason: "length", tokens: { length: 8 } });
  });
});

describe("cancelling", () => {
  test("rejects with the abort reason, and other requests go on", async () => {
    const sampler = newSampler();
    const controller = new AbortController();
    const request = { prompt: [1], params: { maxTokens: 40, seed: 1 } };
    const stopped = sampler.sample(weights, { ...request, numSamples: 10, signal: controller.signal });
    const other = sampler.sample(weights, request);
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(stopped).rejects.toThrow("enough");
    expect(await other).toEqual(await newSampler().sample(weights, request));
    await expect(sampler.sample(weights, { ...request, signal: AbortSignal.abort("early") })).rejects.toBe("early");
  });

  test("closing fails what is in flight and what comes later", async () => {
    const sampler = newSampler();
    const running = sampler.sample(weights, { prompt: [1], params: { maxTokens: 40 } });
    sampler.close();
    await expect(running).rejects.toMatchObject({ code: "engine_closed" });
    await expect(sampler.sample(weights, { prompt: [1], params: { maxTokens: 4 } })).rejects.toMatchObject({
      code: "engine_closed",
    });
  });
});

describe("drawToken", () => {
  const likely = Float32Array.of(0.1, 0.4, 0.4, 0.1);
  const draws = (params: { temperature?: number; topP?: number; topK?: number }) => {
    const random = new Random(1);
    const full = { temperature: 1, topP: 1, topK: -1, ...params };
    return Array.from({ length: 4000 }, () => drawToken(likely, full, random));
  };
  const share = (drawn: { token: number }[], token: number): number =>
    drawn.filter((one) => one.token === token).length / drawn.length;

  test("draws each token as often as its probability says", () => {
    const drawn = draws({});
    // Five standard deviations of a share of 4,000 draws.
    for (const [token, probability] of [0.1, 0.4, 0.4, 0.1].entries()) {
      expect(Math.abs(share(drawn, token) - probability)).toBeLessThan(
        5 * Math.sqrt((probability * (1 - probability)) / 4000),
      );
    }
    for (const { token, logprob } of drawn) expect(logprob).toBeCloseTo(Math.log(likely[token]!), 6);
  });

  test.each([
    { name: "topK 1", params: { topK: 1 }, tokens: [1], probability: 1 },
    { name: "topK 2", params: { topK: 2 }, tokens: [1, 2], probability: 0.5 },
    { name: "topP 0.4", params: { topP: 0.39 }, tokens: [1], probability: 1 },
    { name: "topP 0.8", params: { topP: 0.79 }, tokens: [1, 2], probability: 0.5 },
    { name: "topP of what topK leaves", params: { topK: 2, topP: 0.45 }, tokens: [1], probability: 1 },
    { name: "topK beyond the vocabulary", params: { topK: 99, topP: 0.79 }, tokens: [1, 2], probability: 0.5 },
  ])("$name keeps the tokens $tokens, their logprobs renormalised", ({ params, tokens, probability }) => {
    const drawn = draws(params);
    expect([...new Set(drawn.map((one) => one.token))].toSorted((a, b) => a - b)).toEqual(tokens);
    for (const { logprob } of drawn) expect(logprob).toBeCloseTo(Math.log(probability), 6);
  });

  test("temperature 0 takes the likeliest token, the first of equals, with the model's own logprob", () => {
    const drawn = draws({ temperature: 0 });
    expect(drawn.every(({ token }) => token === 1)).toBe(true);
    expect(drawn[0]!.logprob).toBeCloseTo(Math.log(0.4), 6);
  });
});

test.each([
  [{ prompt: [] }, "prompt is empty"],
  [{ prompt: [37] }, "prompt[0]: 37 is not a token id; this model's are 0 to 36"],
  [{ prompt: Array.from({ length: 49 }, () => 1) }, "prompt has 49 tokens, and this model's context holds 48"],
  [{ prompt: Array.from({ length: 48 }, () => 1) }, "prompt length is 48, and must be below 48"],
  [{ numSamples: 0 }, "numSamples is 0"],
  [{ params: { maxTokens: 0 } }, "maxTokens is 0"],
  [{ params: { maxTokens: 1, temperature: -1 } }, "temperature is -1, and must be 0 or more"],
  [{ params: { maxTokens: 1, temperature: Number.NaN } }, "temperature is NaN"],
  [{ params: { maxTokens: 1, topP: 0 } }, "topP is 0, and must be in (0, 1]"],
  [{ params: { maxTokens: 1, topK: 0 } }, "topK is 0"],
  [{ params: { maxTokens: 1, stop: [99] } }, "stop[0]: 99 is not a token id"],
])("refuses %j", async (wrong, message) => {
  const request = { prompt: [1], params: { maxTokens: 1 }, ...wrong };
  const refused = newSampler().sample(weights, request);
  await expect(refused).rejects.toMatchObject({ code: "engine_input", message: expect.stringContaining(message) });
});
