import { type Logger, PkaError } from "@pka/core";
import { loadDataset } from "@pka/datasets";
import { type Engine, openEngine, smallWorld } from "@pka/engine";
import { tinyRenderer, type TrainingRenderer } from "@pka/renderers";
import { trainRl, triviaEnv } from "@pka/train-rl";
import { reasoningOrder, trainSft } from "@pka/train-sft";
import { configJson } from "../train/training-run.js";
import type { Interrupts } from "../interrupts.js";
import { demoRlConfig, type DemoSettings, demoSftConfig } from "./demo-config.js";
import { clearEarlierDemo, type DemoCheckpoint } from "./demo-files.js";
import type { DemoProgress } from "./demo-progress.js";
import { evaluateCheckpoint } from "./evaluate-checkpoint.js";
import { sftLessons } from "./sft-lessons.js";
import { trainCheckpoint } from "./train-checkpoint.js";

export interface ExperimentContext {
  readonly outputDir: string;
  readonly interrupts: Interrupts;
  readonly logger: Logger;
  readonly progress: DemoProgress;
}

/** Where the result files of an experiment are. */
export interface ExperimentFiles {
  readonly sftThinking: string;
  readonly sftDirect: string;
  readonly rlThinking: string;
  readonly rlDirect: string;
  readonly controlDirect: string;
}

/** A checkpoint's answers cannot be used: training has broken the model. */
class DemoStoppedError extends PkaError {
  readonly code = "demo_stopped";

  constructor(
    readonly checkpoint: DemoCheckpoint,
    reason: string,
  ) {
    super(
      `asking the checkpoint ${checkpoint} was stopped: ${reason}. Try another seed, or the default loss and all weights`,
    );
  }
}

/**
 * The paper in miniature: fine-tune the base model, reinforce right answers given with thinking and, from the same start, right answers
 * given without, and ask every checkpoint the held-out questions. The two arms are computed in a thread each.
 *
 * @returns `undefined` when it was interrupted; what has been written until then is whole.
 */
export async function runExperiment(
  settings: DemoSettings,
  context: ExperimentContext,
): Promise<ExperimentFiles | undefined> {
  clearEarlierDemo(context.outputDir);
  const [first, second] = await Promise.all([openEngine("tiny-base"), openEngine("tiny-base")]);
  try {
    const sft = await fineTune(first, settings, context);
    if (sft === undefined) return undefined;
    const ask = (engine: Engine, checkpoint: DemoCheckpoint, weights: string, thinking: boolean) =>
      askCheckpoint(engine, { checkpoint, weights, thinking }, settings, context);

    const thinkingArm = async () => {
      const rl = await reinforce(first, "rl", sft, settings, context);
      return rl === undefined ? [] : [await ask(first, "rl", rl, true), await ask(first, "rl", rl, false)];
    };
    const directArm = async () => {
      const before = [await ask(second, "sft", sft, true), await ask(second, "sft", sft, false)];
      const control = await reinforce(second, "rl-no-thinking", sft, settings, context);
      return control === undefined ? [] : [...before, await ask(second, "rl-no-thinking", control, false)];
    };
    const [[rlThinking, rlDirect], [sftThinking, sftDirect, controlDirect]] = await Promise.all([
      thinkingArm(),
      directArm(),
    ]);
    if (context.interrupts.drain.aborted) return undefined;
    return {
      sftThinking: sftThinking!,
      sftDirect: sftDirect!,
      rlThinking: rlThinking!,
      rlDirect: rlDirect!,
      controlDirect: controlDirect!,
    };
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
}

function fineTune(engine: Engine, settings: DemoSettings, context: ExperimentContext): Promise<string | undefined> {
  const config = demoSftConfig(settings);
  const task = context.progress.task("fine-tuning");
  return trainCheckpoint({
    ...context,
    engine,
    checkpoint: "sft",
    config: configJson({ ...config }),
    seed: settings.seed,
    train: (trainingClient, run) =>
      trainSft({
        trainingClient,
        renderer: tinyRenderer(engine.tokenizer),
        run,
        rows: sftLessons(smallWorld()),
        order: reasoningOrder,
        config,
        signal: context.interrupts.drain,
      }),
    onStep: ({ step, totalSteps, metrics }) => task.step(step + 1, totalSteps, metrics["train_mean_nll"]),
  });
}

async function reinforce(
  engine: Engine,
  checkpoint: "rl" | "rl-no-thinking",
  start: string,
  settings: DemoSettings,
  context: ExperimentContext,
): Promise<string | undefined> {
  const config = demoRlConfig(settings);
  const task = context.progress.task(checkpoint === "rl" ? "RL with thinking" : "RL without thinking");
  const renderer = tinyRenderer(engine.tokenizer);
  const { examples } = await loadDataset("smallworld", { split: "rl" });
  const twoHop = new Map(smallWorld().questions.map((question) => [question.question, question.hops]));
  return trainCheckpoint({
    ...context,
    engine,
    checkpoint,
    config: configJson({ ...config, thinking: checkpoint === "rl", load_checkpoint_path: start }),
    seed: settings.seed,
    loraRank: settings.loraRank,
    train: async function* (trainingClient, run) {
      await trainingClient.loadState(start);
      yield* trainRl({
        trainingClient,
        referenceClient: await engine.samplingClient(start),
        renderer: checkpoint === "rl" ? renderer : withoutThinking(renderer),
        run,
        problems: examples.flatMap((example) =>
          example.task === "qa" && twoHop.get(example.question) === 2 ? [example] : [],
        ),
        config,
        // The embedded model knows no instructions.
        env: triviaEnv({ instruction: "" }),
        signal: context.interrupts.drain,
      });
    },
    onStep: ({ step, totalSteps, metrics }) => task.step(step + 1, totalSteps, metrics["env/all/reward/total"]),
  });
}

/** The same format, whose prompts leave no room for thoughts. */
function withoutThinking(renderer: TrainingRenderer): TrainingRenderer {
  return {
    ...renderer,
    buildGenerationPrompt: (messages) => renderer.buildGenerationPrompt(messages, { thinking: false }),
  };
}

async function askCheckpoint(
  engine: Engine,
  asked: { readonly checkpoint: DemoCheckpoint; readonly weights: string; readonly thinking: boolean },
  { seed }: DemoSettings,
  context: ExperimentContext,
): Promise<string> {
  const task = context.progress.task(`asking ${asked.checkpoint} ${asked.thinking ? "with" : "without"} thinking`);
  const report = await evaluateCheckpoint({
    ...context,
    ...asked,
    engine,
    seed,
    onProgress: ({ done, total }) => task.step(done, total),
  });
  if (report.status === "stopped") throw new DemoStoppedError(asked.checkpoint, report.stopReason ?? "");
  const { error } = report.summary.outcomes;
  if (error > 0) context.logger.warn(`${report.resultPath}: ${error} rows ended in an error; they are in no figure`);
  return report.resultPath;
}
