// Makes the shipped checkpoints, weights/tiny-base.safetensors and weights/tiny.safetensors, and prints what they know.
// The same machine and Node release give the same bytes. Takes half a minute of one core.
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random, type TrainingClient } from "@pka/core";
import {
  checkpointFile,
  freshCheckpoint,
  openEngine,
  smallWorld,
  type SmallWorldQuestion,
  WordTokenizer,
} from "@pka/engine";
import { factDocument, sftDocument, toDatums } from "./curriculum.js";
import { accuracy, factRecall } from "./measure.js";

const SEED = 0;
const SHAPE = { hiddenSize: 64, numLayers: 2, numHeads: 4, feedForwardSize: 168, contextLength: 2048 };

/** A stage of training: the learning rate rises over `warmUp` steps and falls linearly to a tenth of its peak. */
const BASE = { steps: 220, documents: 256, learningRate: 5e-3, warmUp: 20 };
const SFT = { steps: 180, documents: 128, learningRate: 2e-3, warmUp: 1 };

const world = smallWorld(SEED);
const tokenizer = WordTokenizer.fromTexts([
  ...world.facts.map(({ sentence }) => ` ${sentence}`),
  ...world.questions.flatMap(({ question, thought, idleThoughts }) =>
    [question, thought, ...idleThoughts].map((text) => ` ${text}`),
  ),
]);
const directory = await mkdtemp(join(tmpdir(), "pka-make-tiny-"));
const engine = await openEngine(freshCheckpoint(tokenizer.words, SHAPE, SEED), { worker: false });
const client = await engine.trainingClient({ directory });
const random = new Random(SEED, 1);

await train(client, BASE, factDocument);
await publish("tiny-base");
await train(client, SFT, sftDocument);
await publish("tiny");
await engine.close();
await rm(directory, { recursive: true });

async function train(trained: TrainingClient, stage: typeof BASE, makeDocument: typeof factDocument): Promise<void> {
  for (let step = 0; step < stage.steps; step++) {
    const documents = Array.from({ length: stage.documents }, () => makeDocument(tokenizer, world, random));
    const warmUp = Math.min(1, (step + 1) / stage.warmUp);
    const learningRate = stage.learningRate * warmUp * (1 - (0.9 * step) / stage.steps);
    const [{ loss }] = await Promise.all([
      trained.forwardBackward(toDatums(documents), "cross_entropy"),
      trained.optimStep({ learningRate, gradClipNorm: 1 }),
    ]);
    if ((step + 1) % 20 === 0)
      console.log(`step ${step + 1} of ${stage.steps}: loss ${loss.toFixed(3)} nats per token`);
  }
}

/** Save the weights into the package and print what they know. */
async function publish(name: "tiny" | "tiny-base"): Promise<void> {
  const file = checkpointFile(name);
  await copyFile(await client.saveWeightsForSampler(name), file);
  const bytes = await readFile(file);
  console.log(`${name}: ${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex")}`);

  const sampler = await engine.samplingClient(file);
  console.log(`  fact recall ${percent(await factRecall(sampler, tokenizer, world))}`);
  for (const hops of [1, 2] as const) {
    for (const split of ["sft", "rl", "test"] as const) {
      const isAsked = (question: SmallWorldQuestion): boolean => question.hops === hops && question.split === split;
      const questions = world.questions.filter(isAsked);
      const withThinking = await accuracy(sampler, tokenizer, questions, true);
      const without = await accuracy(sampler, tokenizer, questions, false);
      console.log(
        `  ${hops} hop, ${split} people: ${percent(withThinking)} thinking, ${percent(without)} not thinking`,
      );
    }
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
