// Does reinforcement learning raise held-out recall? Trains the embedded model once per seed and variant, and tests the gain over the
// held-out people's two-hop questions. Takes about 15 CPU seconds per run.
//   npx tsx --conditions=@pka/source bench/rl-seeds.ts [number of seeds] [variant …]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SamplingClient } from "@pka/core";
import { openEngine, smallWorld } from "@pka/engine";
import { extractAnswer, gradeAnswer } from "@pka/grading";
import { tinyRenderer } from "@pka/renderers";
import { clusterPermutationTest } from "@pka/stats";
import { RL_DEFAULTS, type RlConfig, trainRl, trainRlAsync, triviaEnv } from "@pka/train-rl";
import { openRunFolder } from "@pka/training";

interface Variant {
  readonly config?: Partial<RlConfig>;
  readonly rank?: number;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  importance_sampling: {},
  ppo: { config: { lossFn: "ppo", numSubsteps: 2 } },
  lora: { config: { learningRate: 4e-3 }, rank: 8 },
  async: { config: { maxStepsOffPolicy: 2 } },
};
const STEPS = 60;
const SAMPLES = 4;

const [count = "10", ...chosen] = process.argv.slice(2);
const questions = smallWorld().questions.filter(({ hops }) => hops === 2);
const heldOut = questions.filter(({ split }) => split === "test");
const problems = questions.filter(({ split }) => split === "rl");

for (const name of chosen.length > 0 ? chosen : ["importance_sampling"]) {
  const variant = VARIANTS[name];
  if (!variant) throw new Error(`variants: ${Object.keys(VARIANTS).join(", ")}`);
  let significant = 0;
  for (let seed = 0; seed < Number(count); seed++) {
    const { before, after, steps, cpuSeconds } = await trainOnce(variant, seed);
    const differences = after.map((recall, i) => recall - before[i]!);
    const clusters = heldOut.map(({ person }) => person);
    const { difference, pValue } = clusterPermutationTest(differences, clusters, { seed: 1 });
    if (difference > 0 && pValue < 0.05) significant += 1;
    const row = { name, seed, steps, before: mean(before), after: mean(after), pValue, cpuSeconds };
    console.log(JSON.stringify(row));
  }
  console.log(`${name}: a significant gain in ${significant} of ${count} seeds`);
}

async function trainOnce(variant: Variant, seed: number) {
  const cpu = process.cpuUsage();
  const folder = mkdtempSync(join(tmpdir(), "pka-rl-seeds-"));
  const engine = await openEngine("tiny", { worker: false });
  const renderer = tinyRenderer(engine.tokenizer);
  const trainingClient = await engine.trainingClient({
    directory: folder,
    seed,
    ...(variant.rank && { lora: { rank: variant.rank } }),
  });
  const base = await engine.samplingClient();
  const before = await recallPerQuestion(base);
  const config = {
    ...RL_DEFAULTS,
    learningRate: 1e-3,
    maxTokens: 32,
    numEpochs: STEPS,
    maxSteps: STEPS,
    evalEvery: 0,
    saveEvery: 0,
    numGroupsToLog: 0,
    seed,
    samplingSeed: seed,
    ...variant.config,
  };
  const run = await openRunFolder({ path: folder, config: {}, stepOf: ({ batch }) => batch, behavior: "resume" });
  const train = config.maxStepsOffPolicy === null ? trainRl : trainRlAsync;
  let steps = 0;
  const env = triviaEnv({ instruction: "" });
  for await (const _ of train({ trainingClient, referenceClient: base, renderer, run, problems, config, env }))
    steps += 1;
  const after = await recallPerQuestion(await trainingClient.saveWeightsAndGetSamplingClient());
  await run.close();
  await engine.close();
  rmSync(folder, { recursive: true });
  return { before, after, steps, cpuSeconds: process.cpuUsage(cpu).user / 1e6 };

  /** Share of samples that recall the answer, per held-out question. */
  async function recallPerQuestion(client: SamplingClient): Promise<number[]> {
    return Promise.all(
      heldOut.map(async ({ question, answers }, index) => {
        const prompt = renderer.buildGenerationPrompt([{ role: "user", content: question }], { thinking: true });
        const params = { maxTokens: 32, stop: renderer.stop, seed: 1000 * seed + index };
        const samples = await client.sample({ prompt, numSamples: SAMPLES, params });
        const texts = samples.map(({ tokens }) => renderer.parseResponse(tokens).text);
        return mean(texts.map((text) => Number(gradeAnswer(extractAnswer(text), answers).recall)));
      }),
    );
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
