import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingClient } from "@pka/core";
import { type Engine, openEngine, smallWorld } from "@pka/engine";
import { temporaryFolder } from "@pka/fault-kit";
import { tinyRenderer } from "@pka/renderers";
import { DivergedError, openRunFolder, openTrainingClient, readCheckpoints, readJsonLines } from "@pka/training";
import { expect, test } from "vitest";
import { type Conversation, directConversation } from "./conversations.js";
import { directOrder } from "./row-order.js";
import { SFT_DEFAULTS, type SftConfig } from "./sft-config.js";
import { sftPlan, type SftStep, sftStepOf, trainSft } from "./train-sft.js";

const questions = smallWorld().questions.filter(({ hops }) => hops === 1);
const validation = questions.filter(({ split }) => split === "sft").slice(0, 16);
const template = { thinking: () => "", content: (answer: string) => `<answer> ${answer}</answer>` };
const rows = validation.map((question) => directConversation(question, template));
const SMALL: SftConfig = {
  ...SFT_DEFAULTS,
  batchSize: 4,
  learningRate: 2e-3,
  numEpochs: 5,
  evalEvery: 0,
  genEvalEvery: 0,
};

interface Session {
  readonly path: string;
  readonly config?: Partial<SftConfig>;
  readonly rows?: typeof rows;
  readonly validationConversations?: readonly Conversation[];
  /** Stop the run from outside after so many steps of this session. */
  readonly stopAfter?: number;
  /** Leave the generator after so many steps, as a killed process does. */
  readonly dieAfter?: number;
  readonly spy?: (client: TrainingClient) => TrainingClient;
}

/** One process's part of a run. */
async function session({ path, config: changes, stopAfter, dieAfter, spy = (client) => client, ...more }: Session) {
  const config = { ...SMALL, ...changes };
  const { numBatches } = sftPlan(rows.length, config);
  const engine: Engine = await openEngine("tiny-base", { worker: false });
  const run = await openRunFolder({ path, config: {}, stepOf: (checkpoint) => sftStepOf(checkpoint, numBatches) });
  const service = {
    createTrainingClient: async (from?: { statePath: string; optimizer: boolean }) => {
      const client = await engine.trainingClient({ directory: path });
      if (from) await client.loadState(from.statePath, from);
      return client;
    },
    createBaseSamplingClient: () => engine.samplingClient(),
  };
  const controller = new AbortController();
  const steps: SftStep[] = [];
  try {
    const trainingClient = spy(await openTrainingClient(service, run));
    const data = { rows: more.rows ?? rows, order: directOrder, validation, template, ...validationOf(more) };
    const renderer = tinyRenderer(engine.tokenizer);
    for await (const step of trainSft({ trainingClient, renderer, run, config, ...data, signal: controller.signal })) {
      steps.push(step);
      if (steps.length === stopAfter) controller.abort();
      if (steps.length === dieAfter) break;
    }
  } finally {
    await run.close();
    await engine.close();
  }
  return { steps, metrics: readJsonLines(join(path, "metrics.jsonl")) };
}

function validationOf({ validationConversations }: Pick<Session, "validationConversations">) {
  return validationConversations === undefined ? {} : { validationConversations };
}

const timeless = (metrics: readonly Record<string, unknown>[]) =>
  metrics.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.includes("time"))));

test("training lowers the NLL to nearly nothing, and the held-in answers are then sampled", async () => {
  const path = temporaryFolder();
  const { steps } = await session({ path, config: { numEpochs: 30, evalEvery: 119, genEvalEvery: 119 } });
  expect(steps).toHaveLength(120);
  expect(steps[0]!.metrics["train_mean_nll"]).toBeGreaterThan(2);
  expect(steps.at(-1)!.metrics["train_mean_nll"]).toBeLessThan(0.05);
  const last = readJsonLines(join(path, "metrics.jsonl")).slice(-3);
  expect(last.map(({ step }) => step)).toEqual([119, 119, 119]);
  expect(last[1]!["val_mean_nll"]).toBeLessThan(0.1);
  expect(last[2]).toMatchObject({ val_gen_failed: 0 });
  expect(readCheckpoints(join(path, "checkpoints.jsonl"))).toMatchObject([
    { name: "000100", epoch: 25, batch: 0 },
    { name: "final", epoch: 30, batch: 4, samplerPath: expect.stringContaining("sampler_weights") },
  ]);
});

test("the validation NLL is of the answers written out, or of the conversations it is given", async () => {
  const thought = rows.map((row) => row?.map((one) => (one.role === "assistant" ? { ...one, thinking: "hm" } : one)));
  const given = thought.filter((row) => row !== undefined);
  // Nothing is learnt, and a batch holds all rows: the validation NLL of the training rows is the training NLL.
  const config = { learningRate: 0, batchSize: 16, numEpochs: 2, evalEvery: 1 };
  const nllOf = async (more: Pick<Session, "rows" | "validationConversations">) => {
    const { metrics } = await session({ path: temporaryFolder(), config, ...more });
    return [metrics.at(-2)!["train_mean_nll"], metrics.at(-1)!["val_mean_nll"]] as [number, number];
  };
  const [train, ofGiven] = await nllOf({ rows: thought, validationConversations: given });
  expect(ofGiven).toBeCloseTo(train, 5);
  const [same, ofAnswers] = await nllOf({ rows: thought });
  expect(same).toBe(train);
  expect(Math.abs(ofAnswers - train)).toBeGreaterThan(0.1);
});

test("a step's row has the original's names, in its order", async () => {
  const { metrics } = await session({ path: temporaryFolder(), config: { numEpochs: 1 } });
  expect(Object.keys(metrics[1]!)).toEqual([
    "step",
    "grad_norm",
    "epoch",
    "num_sequences",
    "num_sequences_before_filter",
    "num_tokens",
    "learning_rate",
    "train_mean_nll",
    "progress",
    "time_total",
  ]);
  expect(metrics[1]).toMatchObject({ step: 1, epoch: 1, num_sequences: 4, learning_rate: 1.5e-3, progress: 0.25 });
});

test("a run that dies or is stopped, again and again, ends like one that is left alone", async () => {
  const config = { saveEvery: 3, evalEvery: 4 };
  const alone = await session({ path: temporaryFolder(), config });
  const path = temporaryFolder();
  const [one, two, three] = [
    await session({ path, config, dieAfter: 5 }),
    await session({ path, config, stopAfter: 4 }),
    await session({ path, config, dieAfter: 1 }),
  ];
  const end = await session({ path, config });
  // From the checkpoint before step 3; from the one that stopping made; from that one again.
  expect([one, two, three, end].map(({ steps }) => steps[0]!.step)).toEqual([0, 3, 7, 7]);
  expect(timeless(end.metrics)).toEqual(timeless(alone.metrics));
  expect((await session({ path, config })).steps).toEqual([]);
  expect(readCheckpoints(join(path, "checkpoints.jsonl")).filter(({ name }) => name === "final")).toHaveLength(1);
});

test("the NLL filter trains on rows below the threshold only; a step without any is logged as skipped", async () => {
  const { metrics } = await session({ path: temporaryFolder(), config: { numEpochs: 1, nllThreshold: 1e-9 } });
  expect(metrics).toHaveLength(4);
  expect(metrics[0]).toEqual({ step: 0, skipped: 1, epoch: 1, num_sequences: 0, num_sequences_before_filter: 4 });
  const all = await session({ path: temporaryFolder(), config: { numEpochs: 1, nllThreshold: 1e9 } });
  expect(all.metrics[0]).toMatchObject({ num_sequences: 4 });
});

test("rows that cannot be trained on make their batch smaller", async () => {
  const some = rows.map((row, index) => (index < 8 ? undefined : row));
  const { metrics } = await session({ path: temporaryFolder(), rows: some, config: { numEpochs: 1 } });
  const counts = metrics.map((row) => Number(row["num_sequences"]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(8);
});

test("a loss that is no number ends the run with an error and leaves the last checkpoint", async () => {
  const path = temporaryFolder();
  let passes = 0;
  const broken = (client: TrainingClient): TrainingClient =>
    Object.assign(Object.create(client) as TrainingClient, {
      forwardBackward: async (...call: Parameters<TrainingClient["forwardBackward"]>) => {
        const result = await client.forwardBackward(...call);
        passes += 1;
        return passes < 6 ? result : { ...result, logprobs: result.logprobs.map((row) => row.map(() => Number.NaN)) };
      },
      optimStep: (...call: Parameters<TrainingClient["optimStep"]>) => client.optimStep(...call),
      saveState: (name: string) => client.saveState(name),
    });
  await expect(session({ path, config: { saveEvery: 2 }, spy: broken })).rejects.toThrow(DivergedError);
  expect(readCheckpoints(join(path, "checkpoints.jsonl")).at(-1)).toMatchObject({ name: "000004" });
  const { steps } = await session({ path, config: { saveEvery: 2 } });
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 16 }, (_, i) => i + 4));
});

test("a checkpoint that is gone is named, with the line to delete", async () => {
  const path = temporaryFolder();
  await session({ path, config: { saveEvery: 2 }, dieAfter: 3 });
  await rm(join(path, "weights"), { recursive: true });
  await expect(session({ path, config: { saveEvery: 2 } })).rejects.toThrow(/000002\.safetensors.*checkpoints\.jsonl/s);
});
