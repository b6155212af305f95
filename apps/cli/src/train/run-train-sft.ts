import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { messageOf, UsageError } from "@pka/core";
import { readResultRows } from "@pka/harness";
import {
  type AnswerTemplate,
  checkSftConfig,
  type Conversation,
  DIRECT_TEMPLATE,
  directConversation,
  directOrder,
  parseValidationFile,
  reasoningOrder,
  recalledTrajectories,
  SFT_DEFAULTS,
  type SftConfig,
  sftPlan,
  sftRunName,
  sftStepOf,
  splitHarmonyTrajectory,
  splitThinkTrajectory,
  trainSft,
  type ValidationRow,
} from "@pka/train-sft";
import { splitProblems } from "@pka/train-rl";
import { dataFingerprint, openTrainingClient } from "@pka/training";
import { isEmbedded } from "./is-embedded.js";
import type { TrainSftOptions } from "./train-commands.js";
import { printTrainingPlan } from "./print-training-plan.js";
import { openBackend, openRenderer, rankOf, trainedModel } from "./training-backend.js";
import { type DataContext, datasetOf, loadForPlan, loadQuestions, splitOf, withoutOverlap } from "./training-data.js";
import { configJson, follow, homeExpanded, openRun, printSpans, withInterrupts } from "./training-run.js";

/** Suits the embedded model, which the paper's 1e-5 would not move. */
const EMBEDDED_LEARNING_RATE = 2e-3;
/** The embedded model's own way to answer without thinking. */
const EMBEDDED_TEMPLATE: AnswerTemplate = { thinking: () => "", content: (answer) => `<answer> ${answer}</answer>` };

/** `pka train sft`. Resolves to the exit code. */
export function runTrainSft(options: TrainSftOptions): Promise<number> {
  return withInterrupts(async ({ stderr, interrupts, environment }) => {
    const config = sftConfig(options);
    checkSftConfig(config);
    const template = isEmbedded(options) ? EMBEDDED_TEMPLATE : DIRECT_TEMPLATE;
    const context = { environment, logger: stderr, signal: interrupts.drain };
    const validation = await readValidation(options);
    const load = (where: DataContext) => loadRows(options, validation.rows ?? [], template, where);
    if (options.dryRun) return printPlan(options, config, context, load);
    const path = sftLogPath(options, config);
    const backend = await openBackend(options, { directory: resolve(path), environment, logger: stderr });
    try {
      const rows = await load(context);
      const plan = sftPlan(rows.length, config);
      if (options.warmupFraction !== SFT_DEFAULTS.warmupFraction) {
        stderr.warn("--warmup-fraction is taken for compatibility and does nothing, as in the paper's script");
      }
      const run = await openRun(
        options,
        {
          path,
          config: { ...configJson(options), learning_rate: config.learningRate },
          data: { source: sourceOf(options), ...dataFingerprint(rows) },
          stepOf: (checkpoint) => sftStepOf(checkpoint, plan.numBatches),
        },
        stderr,
      );
      try {
        const trainingClient = await openTrainingClient(backend.service, run);
        return await follow("train sft", run, options, interrupts, (signal) =>
          trainSft({
            trainingClient,
            renderer: backend.renderer,
            run,
            rows,
            order: options.trajectoryPath ? reasoningOrder : directOrder,
            config,
            validation: validation.rows,
            validationConversations: validation.conversations,
            template,
            signal,
            onProbe: (spans) => printSpans(spans, "first training row"),
          }),
        );
      } finally {
        await run.close();
      }
    } finally {
      await backend.close();
    }
  });
}

function sftConfig(options: TrainSftOptions): SftConfig {
  const learningRate = isEmbedded(options) ? EMBEDDED_LEARNING_RATE : SFT_DEFAULTS.learningRate;
  return {
    batchSize: options.batchSize,
    learningRate: options.learningRate ?? learningRate,
    warmupFraction: options.warmupFraction,
    maxLength: options.maxLength,
    trainOnWhat: options.trainOnWhat,
    reduction: options.reduction,
    numEpochs: options.numEpochs,
    seed: options.seed,
    maxSteps: options.maxSteps ?? null,
    maxTotalSteps: options.maxTotalSteps ?? null,
    saveEvery: options.saveEvery,
    nllThreshold: options.nllThreshold ?? null,
    evalEvery: options.evalEvery,
    genEvalEvery: options.genEvalEvery,
    samplingSeed: options.samplingSeed,
  };
}

function sftLogPath(options: TrainSftOptions, config: SftConfig): string {
  if (options.logPath !== undefined && options.logPath !== null) return homeExpanded(options.logPath, homedir());
  return join("triviaqa_sft", sftRunName({ modelName: trainedModel(options), loraRank: rankOf(options), ...config }));
}

interface Validation {
  readonly rows?: readonly ValidationRow[];
  readonly conversations?: readonly Conversation[];
}

async function readValidation(options: TrainSftOptions): Promise<Validation> {
  const { valPath, valTemplate } = options;
  if (!valPath && valTemplate === "trajectory") {
    throw new UsageError("--val-template trajectory needs --val-path with a result file of held-out questions");
  }
  if (!valPath) return {};
  if (valTemplate === "trajectory") {
    const { rows, trajectories } = await readTrajectories(valPath, options);
    const answered = rows.flatMap(({ question, answers }) => (question && answers?.[0] ? [{ question, answers }] : []));
    return { ...(answered.length > 0 && { rows: answered }), conversations: trajectories.conversations };
  }
  const text = await readFile(valPath, "utf8").catch((error: unknown) => {
    throw new UsageError(`--val-path ${valPath} cannot be read: ${messageOf(error)}`);
  });
  return { rows: parseValidationFile(text, valPath) };
}

/** What is trained on, in the order of its source. */
type Rows = readonly (Conversation | undefined)[];

function sourceOf(options: TrainSftOptions): string {
  return options.trajectoryPath ?? `${datasetOf(options)} ${splitOf(options, "sft")}`;
}

async function loadRows(
  options: TrainSftOptions,
  validation: readonly ValidationRow[],
  template: AnswerTemplate,
  context: DataContext,
): Promise<Rows> {
  if (options.trajectoryPath) return loadTrajectories(options.trajectoryPath, options, validation, context);
  const examples = await loadQuestions(datasetOf(options), splitOf(options, "sft"), options, context);
  // The fifth that reinforcement learning holds out with its default seed.
  const trainable = options.excludeRlVal ? splitProblems(examples, { seed: 0 }).train : examples;
  const kept = await withoutOverlap(trainable, validation, options, context);
  const rows = kept.map((example) => directConversation(example, template, options.target));
  const without = rows.filter((row) => row === undefined).length;
  if (without > 0)
    context.logger.warn(`${without} of ${rows.length} rows have no first answer and are left out of their batches`);
  return rows;
}

/** The rows of a result file, and its recalled completions. */
async function readTrajectories(path: string, options: TrainSftOptions) {
  const { rows } = await readResultRows(path, { columns: ["text", "answers"] });
  const trajectories = recalledTrajectories(
    rows.map(({ index, question, text, metrics }) => ({ index, question, text, recalled: metrics.recall })),
    path,
    {
      split: isEmbedded(options) ? splitThinkTrajectory : splitHarmonyTrajectory,
      dropMalformed: options.dropMalformed ?? false,
    },
  );
  return { rows, trajectories };
}

async function loadTrajectories(
  path: string,
  options: TrainSftOptions,
  validation: readonly ValidationRow[],
  context: DataContext,
): Promise<Rows> {
  const { trajectories } = await readTrajectories(path, options);
  const { conversations, questions, numRows, numMalformed } = trajectories;
  context.logger.info(`${path}: ${conversations.length} of ${numRows} rows are trained on`);
  if (numMalformed > 0) {
    const what = options.dropMalformed ? "left out" : "trained on as they are; --drop-malformed leaves them out";
    context.logger.warn(`${path}: ${numMalformed} recalled rows lack proper channels; they are ${what}`);
  }
  const asked = questions.map((question, i) => ({ question, answers: [], conversation: conversations[i] }));
  const kept = await withoutOverlap(asked, validation, options, context);
  return kept.map((row) => row.conversation);
}

const SAMPLED_ROWS = 200;

/** Tokens are told from the mean length of the first rows. */
async function printPlan(
  options: TrainSftOptions,
  config: SftConfig,
  context: DataContext,
  load: (context: DataContext) => Promise<Rows>,
): Promise<number> {
  const rows = await loadForPlan(options, splitOf(options, "sft"), context, load);
  const { totalSteps } = sftPlan(rows.length, config);
  const renderer = await openRenderer(options);
  const lengths = rows
    .slice(0, SAMPLED_ROWS)
    .flatMap((row) => (row ? [renderer.buildSupervisedExample(row, config.trainOnWhat).tokens.length] : []));
  const mean = lengths.reduce((sum, length) => sum + Math.min(length, config.maxLength), 0) / lengths.length;
  return printTrainingPlan("train sft", options, {
    model: trainedModel(options),
    source: sourceOf(options),
    rows: rows.length,
    steps: totalSteps,
    tokens: lengths.length === 0 ? undefined : Math.round(mean * totalSteps * config.batchSize),
  });
}
