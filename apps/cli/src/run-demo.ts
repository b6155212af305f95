import type { Model } from "@pka/core";
import { readEnvironment } from "./environment.js";
import { listenForInterrupts } from "./interrupts.js";
import { openModel } from "./open-model.js";
import { type Evaluation, printEvaluations } from "./print-evaluations.js";
import { conclude, type EvaluationOptions, runEvaluation } from "./run-evaluation.js";
import { Stderr } from "./stderr.js";

const DATASET = "smallworld";
const MODEL = "tiny";

/** `pka demo`: the embedded model on its small world, with thinking and without. Resolves to the exit code. */
export async function runDemo(options: { seed: number; outputDir: string; json?: true }): Promise<number> {
  const stderr = new Stderr();
  const interrupts = listenForInterrupts((message) => stderr.warn(message));
  const context = { environment: readEnvironment(), interrupts, stderr };
  const evaluations: Evaluation[] = [];
  let model: Model | undefined;
  stderr.info(
    "A tiny synthetic model answers questions about an invented world; its figures say nothing about real models.",
  );
  try {
    for (const thinking of [true, false]) {
      const evaluation: EvaluationOptions = {
        ...options,
        model: MODEL,
        cues: false,
        thinking,
        temperature: 1,
        topP: 1,
        samples: 1,
        concurrency: 64,
      };
      model ??= await openModel(evaluation, context.environment, { logger: stderr, signal: interrupts.drain });
      evaluations.push(await runEvaluation(DATASET, model, evaluation, context));
      if (interrupts.drain.aborted) break;
    }
  } finally {
    interrupts.dispose();
    stderr.clearLine();
    await model?.close?.();
  }
  printEvaluations("demo", evaluations, options.json === true);
  return conclude(evaluations, context);
}
