import type { Model, Outcome } from "@pka/core";
import { loadDataset } from "@pka/datasets";
import { evaluate, type FailOnError } from "@pka/harness";
import { describeEstimate } from "./describe-spend.js";
import { checkpointOf, type ModelOptions } from "./open-model.js";
import type { Evaluation } from "./print-evaluations.js";
import { showDownload, showProgress } from "./progress.js";
import { provenance } from "./provenance.js";
import { planRun } from "./plan-run.js";
import type { RunContext } from "./run-each.js";
import type { SpendingOptions } from "./spending.js";

/** The flags of one evaluation. */
export interface EvaluationOptions extends ModelOptions, SpendingOptions {
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly temperature: number;
  readonly topP: number;
  readonly outputDir: string;
  readonly dataDir?: string;
  readonly split?: string;
  readonly limit?: number;
  readonly offset?: number;
  readonly samples: number;
  readonly seed?: number;
  readonly maxErrors?: number;
  readonly maxAttempts: number;
  readonly overwrite?: true;
  readonly retry?: readonly Outcome[];
}

/** The flags of `pka eval`: one evaluation per dataset. */
export interface EvalOptions extends EvaluationOptions {
  readonly dataset: readonly string[];
  readonly failOnError?: FailOnError;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Load a dataset, ask the model its questions, show progress. */
export async function runEvaluation(
  datasetName: string,
  model: Model,
  options: EvaluationOptions,
  { environment, interrupts, stderr, spending }: RunContext,
): Promise<Evaluation> {
  const { cues, thinking, temperature, topP } = options;
  const dataset = await loadDataset(datasetName, {
    ...options,
    hub: environment.hub,
    signal: interrupts.drain,
    logger: stderr,
    onProgress: showDownload(stderr),
  });
  if (spending.price !== undefined) {
    stderr.info(`${datasetName}: ${describeEstimate((await planRun(dataset, model, options, spending)).estimate)}`);
  }
  const report = await evaluate({
    ...options,
    dataset,
    model,
    sampling: { temperature, topP },
    checkpoint: checkpointOf(options),
    ...spending,
    provenance: await provenance(),
    signal: interrupts.drain,
    abortSignal: interrupts.stop,
    logger: stderr,
    onProgress: showProgress(
      `${datasetName}, ${model.id}, thinking ${thinking ? "yes" : "no"}:`,
      stderr,
      spending.budget,
    ),
  });
  stderr.clearLine();
  return { model: model.id, dataset: datasetName, cues, thinking, report };
}
