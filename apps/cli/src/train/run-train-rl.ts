import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  checkRlConfig,
  type Problem,
  RL_DEFAULTS,
  type RlConfig,
  rlRunName,
  rlTotalSteps,
  splitProblems,
  trainRl,
  trainRlAsync,
  triviaEnv,
} from "@pka/train-rl";
import { dataFingerprint, openTrainingClient } from "@pka/training";
import type { TrainRlOptions } from "./train-commands.js";
import { datasetEvaluators } from "./dataset-evaluators.js";
import { isEmbedded } from "./is-embedded.js";
import { printTrainingPlan } from "./print-training-plan.js";
import { openBackend, openRenderer, rankOf, trainedModel } from "./training-backend.js";
import { type DataContext, datasetOf, loadForPlan, loadQuestions, splitOf, withoutOverlap } from "./training-data.js";
import { configJson, follow, homeExpanded, openRun, printSpans, withInterrupts } from "./training-run.js";

/** Suit the embedded model. */
const EMBEDDED = { learningRate: 1e-3, maxTokens: 48, validationSplit: "test" };

/** `pka train rl`. Resolves to the exit code. */
export function runTrainRl(options: TrainRlOptions): Promise<number> {
  return withInterrupts(async ({ stderr, interrupts, environment }) => {
    const config = rlConfig(options);
    const context = { environment, logger: stderr, signal: interrupts.drain };
    const env = triviaEnv({
      strictFormat: options.strictFormat ?? false,
      // The embedded model knows no instructions.
      ...(isEmbedded(options) && { instruction: "" }),
    });
    if (options.dryRun) return printPlan(options, config, context);
    const path = rlLogPath(options, config);
    const backend = await openBackend(options, { directory: resolve(path), environment, logger: stderr });
    try {
      const data = await loadProblems(options, context);
      checkRlConfig(config, data.problems.length);
      const run = await openRun(
        options,
        {
          path,
          config: { ...configJson(options), learning_rate: config.learningRate, max_tokens: config.maxTokens },
          data: { source: sourceOf(options), ...dataFingerprint([...data.problems, ...data.validation]) },
          stepOf: ({ batch }) => batch,
        },
        stderr,
      );
      try {
        const { service, renderer } = backend;
        const trainingClient = await openTrainingClient(service, run, options.loadCheckpointPath ?? undefined);
        const { klReferencePath } = options;
        const openReference = () =>
          klReferencePath ? backend.openSamplingClient(klReferencePath) : service.createBaseSamplingClient();
        const referenceClient = config.klPenaltyCoef > 0 ? await openReference() : undefined;
        const evaluators = await datasetEvaluators(options.evalDatasets ?? [], {
          renderer,
          maxTokens: config.maxTokens,
          runFolder: run.path,
          firstStep: run.resumePoint?.batch ?? 0,
          dataDir: options.dataDir,
          limit: config.evalLimit ?? undefined,
          seed: config.samplingSeed ?? undefined,
          context,
        });
        const train = config.maxStepsOffPolicy === null ? trainRl : trainRlAsync;
        return await follow("train rl", run, options, interrupts, (signal) =>
          train({
            trainingClient,
            referenceClient,
            renderer,
            run,
            problems: data.problems,
            validation: data.validation,
            config,
            env,
            evaluators,
            signal,
            onRollout: (spans, reward) => printSpans(spans, `reward ${reward.toFixed(2)}`),
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

function rlConfig(options: TrainRlOptions): RlConfig {
  const defaults = isEmbedded(options) ? EMBEDDED : RL_DEFAULTS;
  return {
    groupSize: options.groupSize,
    groupsPerBatch: options.groupsPerBatch,
    learningRate: options.learningRate ?? defaults.learningRate,
    maxTokens: options.maxTokens ?? defaults.maxTokens,
    temperature: options.temperature,
    lossFn: options.lossFn,
    clipLowThreshold: options.clipLowThreshold ?? null,
    clipHighThreshold: options.clipHighThreshold ?? null,
    klPenaltyCoef: options.klPenaltyCoef,
    klDiscountFactor: options.klDiscountFactor,
    numSubsteps: options.numSubsteps,
    computePostKl: options.computePostKl ?? false,
    removeConstantRewardGroups: options.removeConstantRewardGroups ?? false,
    seed: options.seed,
    samplingSeed: options.samplingSeed,
    numEpochs: options.numEpochs,
    maxSteps: options.maxSteps ?? null,
    evalEvery: options.evalEvery,
    finalEval: options.finalEval ?? false,
    evalLimit: options.evalLimit ?? null,
    saveEvery: options.saveEvery,
    numGroupsToLog: RL_DEFAULTS.numGroupsToLog,
    maxStepsOffPolicy: options.maxStepsOffPolicy ?? null,
    rolloutAttempts: RL_DEFAULTS.rolloutAttempts,
  };
}

function rlLogPath(options: TrainRlOptions, config: RlConfig): string {
  if (options.logPath !== undefined && options.logPath !== null) return homeExpanded(options.logPath, homedir());
  const identity = { env: options.env, modelName: trainedModel(options), loraRank: rankOf(options) };
  const temporary = process.platform === "win32" ? tmpdir() : "/tmp";
  return join(temporary, "tinker-examples/trivia_rl", rlRunName({ ...identity, ...config }, new Date()));
}

function sourceOf(options: TrainRlOptions): string {
  return `${datasetOf(options)} ${splitOf(options, "rl")}`;
}

interface Problems {
  readonly problems: readonly Problem[];
  readonly validation: readonly Problem[];
}

async function loadProblems(options: TrainRlOptions, context: DataContext): Promise<Problems> {
  const name = datasetOf(options);
  const examples = await loadQuestions(name, splitOf(options, "rl"), options, context);
  const heldOut = heldOutSplit(options);
  if (heldOut !== undefined) {
    const validation = await loadQuestions(name, heldOut, { dataDir: options.dataDir }, context);
    const problems = await withoutOverlap(examples, validation, options, context);
    return { problems, validation };
  }
  const { train, validation } = splitProblems(examples, options);
  return { problems: await withoutOverlap(train, [], options, context), validation };
}

/** A split that is held out as a whole; `undefined` where a fifth of the training split is. */
function heldOutSplit(options: TrainRlOptions): string | undefined {
  return options.validationSplit ?? (datasetOf(options) === "smallworld" ? EMBEDDED.validationSplit : undefined);
}

async function printPlan(options: TrainRlOptions, config: RlConfig, context: DataContext): Promise<number> {
  let validation = 0;
  const split = splitOf(options, "rl");
  const rows = await loadForPlan(options, split, context, async (offline) => {
    const data = await loadProblems(options, offline);
    validation = data.validation.length;
    return data.problems;
  });
  const isLoaded = rows.some((row) => row !== undefined);
  const numTrain = isLoaded || heldOutSplit(options) !== undefined ? rows.length : Math.floor(0.8 * rows.length);
  if (!isLoaded) validation = rows.length - numTrain;
  checkRlConfig(config, numTrain);
  const steps = rlTotalSteps(numTrain, config);
  const numEvals = config.evalEvery > 0 ? Math.ceil(steps / config.evalEvery) + Number(config.finalEval) : 0;
  const evalRollouts = numEvals * Math.min(validation, config.evalLimit ?? Infinity);
  const rollouts = Math.min(steps * config.groupsPerBatch, numTrain * config.numEpochs) * config.groupSize;

  const renderer = await openRenderer(options);
  const env = triviaEnv();
  const lengths = rows
    .slice(0, 200)
    .flatMap((row) => (row ? [renderer.buildGenerationPrompt(env.messages(row), { thinking: true }).length] : []));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return printTrainingPlan("train rl", options, {
    model: trainedModel(options),
    source: sourceOf(options),
    rows: numTrain,
    steps,
    tokens: lengths.length === 0 ? undefined : Math.round((rollouts + evalRollouts) * (mean + config.maxTokens)),
    rollouts,
    evalRollouts,
  });
}
