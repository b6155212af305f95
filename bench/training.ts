// What the trainers themselves cost: a step against a service that answers at once, with gpt-oss's tokenizer and the paper's batch
// sizes; and how fast the embedded model is trained.
//   npx tsx --conditions=@pka/source bench/training.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Datum, SampledSequence, SampleRequest, SamplingClient, TrainingClient } from "@pka/core";
import { openEngine, smallWorld } from "@pka/engine";
import { harmonyRenderer, loadHarmonyTokenizer, tinyRenderer } from "@pka/renderers";
import { RL_DEFAULTS, trainRl, triviaEnv } from "@pka/train-rl";
import { directConversation, directOrder, SFT_DEFAULTS, sftStepOf, trainSft } from "@pka/train-sft";
import { type Metrics, numpyPermutation, openRunFolder, type RunFolder } from "@pka/training";

const STEPS = 30;
/** The most that the paper lets a completion have; with the prompt, sequences of about 1,100 tokens. */
const COMPLETION_TOKENS = 1028;

const questions = Array.from({ length: 2000 }, (_, i) => ({
  question: `Which city in the north of Europe hosted the ${i}th meeting of the society?`,
  answers: [`city number ${i}`, `city ${i}`],
}));

const tokenizer = await loadHarmonyTokenizer();
const harmony = harmonyRenderer(tokenizer, { date: "2025-12-10" });
const completion = completionTokens();

const instantSampler: SamplingClient = {
  async sample({ numSamples = 1 }: SampleRequest): Promise<SampledSequence[]> {
    return Array.from({ length: numSamples }, () => ({
      tokens: completion,
      logprobs: completion.map(() => -0.5),
      stopReason: "stop" as const,
    }));
  },
  computeLogprobs: async (tokens) => tokens.map((_, i) => (i === 0 ? null : -0.4)),
};
const pass = async (datums: readonly Datum[]) => ({
  logprobs: datums.map(({ tokens }) => new Float32Array(tokens.length).fill(-0.5)),
  loss: 1,
});
const instantTrainer: TrainingClient = {
  forward: pass,
  forwardBackward: pass,
  optimStep: async () => ({ metrics: {} }),
  saveState: async (name) => name,
  loadState: async () => undefined,
  saveWeightsForSampler: async (name) => name,
  saveWeightsAndGetSamplingClient: async () => instantSampler,
};

report("numpy's permutation of 138,384 rows", `${time(() => numpyPermutation(138_384, 6)).toFixed(0)} ms`);
await measure("SFT, 32 rows, service that answers at once", (run) => sft(run, instantTrainer, harmony, questions, 32));
await measure("RL, 32 × 8 completions of 1,028 tokens, KL, service that answers at once", (run) =>
  trainRl({
    trainingClient: instantTrainer,
    referenceClient: instantSampler,
    renderer: harmony,
    run,
    problems: questions,
    config: { ...RL_DEFAULTS, maxSteps: STEPS, saveEvery: 0, evalEvery: 0 },
  }),
);

const world = smallWorld().questions.filter(({ hops }) => hops === 2);
const engine = await openEngine("tiny", { worker: false });
const renderer = tinyRenderer(engine.tokenizer);
await measure("SFT of the embedded model, 32 rows", async function* (run) {
  yield* sft(run, await engine.trainingClient(), renderer, world, 32);
});
await measure("RL of the embedded model, 32 × 8 completions", async function* (run) {
  yield* trainRl({
    trainingClient: withoutSaving(await engine.trainingClient()),
    referenceClient: await engine.samplingClient(),
    renderer,
    run,
    problems: world,
    env: triviaEnv({ instruction: "" }),
    config: {
      ...RL_DEFAULTS,
      maxSteps: STEPS,
      numEpochs: 10,
      maxTokens: 32,
      saveEvery: 0,
      evalEvery: 0,
      learningRate: 1e-3,
    },
  });
});
await engine.close();

function sft(
  run: RunFolder,
  trainingClient: TrainingClient,
  rendererOfModel: typeof renderer,
  data: readonly { readonly question: string; readonly answers: readonly string[] }[],
  batchSize: number,
) {
  const config = { ...SFT_DEFAULTS, batchSize, learningRate: 1e-3, maxTotalSteps: STEPS, saveEvery: 0, evalEvery: 0 };
  const rows = data.map((example) => directConversation(example));
  const client = withoutSaving(trainingClient);
  return trainSft({ trainingClient: client, renderer: rendererOfModel, run, rows, order: directOrder, config });
}

/** The client without checkpoints, which are no part of a step. */
function withoutSaving(client: TrainingClient): TrainingClient {
  return new Proxy(client, {
    get(target, name) {
      if (name === "saveState" || name === "saveWeightsForSampler") return async (path: string) => path;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Steps one by one; the first five warm up. */
async function measure(
  name: string,
  steps: (run: RunFolder) => AsyncIterable<{ readonly metrics: Metrics }>,
): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), "pka-bench-training-"));
  const run = await openRunFolder({
    path,
    config: {},
    stepOf: (at) => (at.epoch === undefined ? at.batch : sftStepOf(at, 1)),
  });
  const times: number[] = [];
  let tokens = 0;
  let last = performance.now();
  for await (const { metrics } of steps(run)) {
    times.push(performance.now() - last);
    last = performance.now();
    const { num_tokens: trained, "env/all/total_ac_tokens": action, "env/all/total_ob_tokens": observation } = metrics;
    tokens += trained ?? (action ?? 0) + (observation ?? 0);
  }
  await run.close();
  rmSync(path, { recursive: true });
  const sorted = times.slice(5).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  report(
    name,
    `${median.toFixed(1)} ms per step (median), ${Math.round((tokens / times.length / median) * 1000)} tokens/s`,
  );
}

function completionTokens(): number[] {
  const thought = "the society met in a city of the north ".repeat(150);
  const start = tokenizer.encode(`<|channel|>analysis<|message|>${thought}`).slice(0, COMPLETION_TOKENS - 22);
  const end = "<|end|><|start|>assistant<|channel|>final<|message|><answer>city number 7</answer><|return|>";
  return [...start, ...tokenizer.encode(end)];
}

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function report(name: string, result: string): void {
  console.log(`${name}: ${result}`);
}
