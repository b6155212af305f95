import { harmonyRenderer, loadHarmonyTokenizer } from "@pka/renderers";
import { TinkerClient } from "@pka/tinker";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { openEngine } from "../open-engine.js";
import { smallWorld } from "../small-world.js";
import { startServer } from "../testing/start-server.js";
import { harmonyCodec } from "./harmony-codec.js";
import { SERVED_MODELS } from "./index.js";

const harmony = await loadHarmonyTokenizer();
const engine = await openEngine("tiny", { worker: false });
const words = engine.tokenizer;
const codec = harmonyCodec(harmony, words);
const renderer = harmonyRenderer(harmony, { date: "2025-12-10" });
const asked = (content: string, system = "Give your final answer in <answer></answer> tags.") => [
  { role: "system" as const, content: `You will be given a question. ${system}` },
  { role: "user" as const, content },
];
const BOXED = "Give your final answer in \\boxed{}.";

/** What the engine reads for a text in harmony. */
const read = (text: string) => words.decode(codec.toEngine(harmony.encode(text)).tokens);

test.each([
  [true, " Where does Welmira live?<think>"],
  [false, " Where does Welmira live?<think></think>"],
])("a prompt, thinking %s, is the question in the engine's format", (thinking, expected) => {
  const prompt = renderer.buildGenerationPrompt(asked("Where does Welmira live?"), { thinking });
  expect(words.decode(codec.toEngine(prompt).tokens)).toBe(expected);
});

test("requests for a form of the answer are no part of the question", () => {
  const text =
    "<|start|>user<|message|>Where does Welmira live? Give your final answer in <answer></answer> tags.<|end|>";
  expect(read(`${text}<|start|>assistant`)).toBe(" Where does Welmira live?<think>");
});

test.each([
  [
    "T</think><answer> A</answer><|end|>",
    true,
    "<|channel|>analysis<|message|>T<|end|><|start|>assistant<|channel|>final<|message|><answer> A</answer><|return|>",
  ],
  ["a thought that goes on", true, "<|channel|>analysis<|message|>a thought that goes on"],
  ["T</think>", true, "<|channel|>analysis<|message|>T<|end|>"],
  ["no end of thought<|end|>", true, "<|channel|>analysis<|message|>no end of thought<|return|>"],
  ["<answer> A</answer><|end|>", false, "<|channel|>final<|message|><answer> A</answer><|return|>"],
])("the engine's %j, thinking %s, is written in harmony and read back as it was", (written, thinking, expected) => {
  const prompt = renderer.buildGenerationPrompt(asked("Q?"), { thinking });
  const completion = words.encode(written);
  const tokens = codec.fromEngine(prompt, completion);
  expect(harmony.decode(tokens)).toBe(expected);

  const whole = codec.toEngine([...prompt, ...tokens]);
  const numPrompt = codec.toEngine(prompt).tokens.length;
  expect(whole.tokens.slice(numPrompt)).toEqual(completion);
  // Each token belongs to one of the completion's, in order.
  const owners = whole.owners.slice(numPrompt).map((owner) => owner - prompt.length);
  expect(owners).toEqual(owners.toSorted((a, b) => a - b));
  expect(owners.every((owner) => owner >= 0 && owner < tokens.length)).toBe(true);
});

test("where a box is asked for, the answer is in one", () => {
  const prompt = renderer.buildGenerationPrompt(asked("1 + 1?", BOXED), { thinking: true });
  const completion = words.encode("T</think><answer> 2</answer><|end|>");
  const tokens = codec.fromEngine(prompt, completion);
  expect(harmony.decode(tokens)).toContain("final<|message|>\\boxed{ 2}<|return|>");
  expect(codec.toEngine([...prompt, ...tokens]).tokens.slice(codec.toEngine(prompt).tokens.length)).toEqual(completion);
});

test("every text has tokens, in pieces of characters too", () => {
  expect(read("<|start|>user<|message|>naïve 漢字 🦊?<|end|><|start|>assistant")).toBe(" naïve 漢字 🦊?<think>");
  expect(codec.toEngine([]).tokens.length).toBeGreaterThan(0);
  expect(codec.toEngine([5]).tokens.length).toBeGreaterThan(0);
  const long = codec.toEngine(harmony.encode(`<|start|>user<|message|>${"x!".repeat(5000)}<|end|><|start|>assistant`));
  expect(long.tokens.length).toBeLessThanOrEqual(1025);
});

test("any tokens have a reading, and each of its tokens belongs to one of them, in order", () => {
  const marks = ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"];
  const text = [
    ...marks,
    "user",
    "assistant",
    "analysis",
    "final",
    " lives",
    "\\boxed{",
    "}",
    "\\boxed{}",
    "<answer>",
    "é",
    "漢",
  ];
  const tokens = fc.oneof(
    fc.constantFrom(...text).map((piece) => harmony.encode(piece)),
    fc.integer({ min: 0, max: 200_018 }).map((id) => [id]),
  );
  const property = fc.property(
    fc.array(tokens, { maxLength: 40 }),
    fc.array(fc.nat(524), { maxLength: 20 }),
    (outer, inner) => {
      const prompt = outer.flat();
      const whole = [...prompt, ...codec.fromEngine(prompt, inner)];
      for (const given of [prompt, whole]) {
        const whatIsRead = codec.toEngine(given);
        expect(whatIsRead.owners).toHaveLength(whatIsRead.tokens.length);
        expect(whatIsRead.owners).toEqual(whatIsRead.owners.toSorted((a, b) => a - b));
        expect(whatIsRead.owners.every((owner) => owner >= 0 && owner < Math.max(1, given.length))).toBe(true);
        expect(whatIsRead.tokens.every((token) => token >= 0 && token < words.vocabSize)).toBe(true);
      }
    },
  );
  fc.assert(property, { seed: 1, numRuns: 300 });
});

test("hostile prompts take no longer than their length allows", () => {
  const many = (text: string, count: number) => codec.toEngine(harmony.encode(text.repeat(count)).slice(0, 131_072));
  many("<|start|>", 131_072);
  many(`<|start|>user<|message|>${" Give your final answer in x\n".repeat(20_000)}`, 1);
  many(`<|start|>user<|message|>${" ".repeat(200_000)}`, 1);
  expect(() => codec.toEngine(Array.from({ length: 131_073 }, () => 5))).toThrow(
    "more than this model's context holds",
  );
});

test("gpt-oss by name: questions of the small world are answered, and training on harmony datums lowers their loss", async () => {
  const server = await startServer({ models: SERVED_MODELS, harmonyTokenizer: async () => harmony });
  const client = new TinkerClient({ baseUrl: server.url, apiKey: "tml-test" });
  onTestFinished(() => client.close());
  const sampler = await client.createSamplingClient({ baseModel: "openai/gpt-oss-20b" });
  const questions = smallWorld()
    .questions.filter(({ hops, split }) => hops === 1 && split === "test")
    .slice(0, 10);
  for (const thinking of [true, false]) {
    let numRight = 0;
    for (const { question, answers } of questions) {
      const prompt = renderer.buildGenerationPrompt(asked(question), { thinking });
      const params = { maxTokens: 2048, stop: renderer.stop, temperature: 0 };
      const [sequence] = await sampler.sample({ prompt, params });
      expect(sequence!.logprobs).toHaveLength(sequence!.tokens.length);
      const { answer, thinking: thought } = renderer.parse(sequence!.tokens, { thinking });
      if (answer.includes(`<answer> ${answers[0]}</answer>`)) numRight += 1;
      expect(thought === undefined).toBe(!thinking);
    }
    // It knows 93 % and more of these; guessing among 84 names would give none.
    expect(numRight).toBeGreaterThanOrEqual(7);
  }

  const training = await client.createLoraTrainingClient({ baseModel: "openai/gpt-oss-20b", rank: 8, seed: 1 });
  const [{ question }] = [questions[0]!];
  const answer = { role: "assistant" as const, content: "<answer> nobody</answer>", thinking: "who knows" };
  const { tokens, weights } = renderer.buildSupervisedExample([...asked(question), answer]);
  const datum = { tokens: tokens.slice(0, -1), targetTokens: tokens.slice(1), weights: weights.slice(1) };
  const losses: number[] = [];
  for (let i = 0; i < 6; i++) {
    const { loss, logprobs } = await training.forwardBackward([datum], "cross_entropy");
    expect(logprobs[0]).toHaveLength(datum.tokens.length);
    losses.push(loss);
    await training.optimStep({ learningRate: 1e-2 });
  }
  expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.7);

  // On-policy, every ratio is 1: the loss is minus the sum of the advantages.
  const policy = await training.saveWeightsAndGetSamplingClient();
  const prompt = renderer.buildGenerationPrompt(asked(question), { thinking: true });
  const [drawn] = await policy.sample({ prompt, params: { maxTokens: 64, seed: 1, stop: renderer.stop } });
  const all = [...prompt, ...drawn!.tokens];
  const zeros = prompt.slice(1).map(() => 0);
  const rollout = {
    tokens: all.slice(0, -1),
    targetTokens: all.slice(1),
    logprobs: [...zeros, ...drawn!.logprobs],
    advantages: [...zeros, ...drawn!.tokens.map(() => 1)],
  };
  const { loss } = await training.forwardBackward([rollout], "importance_sampling");
  expect(loss).toBeCloseTo(-drawn!.tokens.length, 2);
  expect((await training.optimStep({ learningRate: 1e-3 })).metrics["grad_norm"]).toBeGreaterThan(0);
});
