import type { Model } from "@pka/core";
import { loadDataset } from "@pka/datasets";
import { evaluate } from "@pka/harness";
import type { Environment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import type { Interrupts } from "./interrupts.js";
import { checkpointOf, type ModelOptions } from "./open-model.js";
import type { Evaluation } from "./print-evaluations.js";
import { showDownload, showProgress } from "./progress.js";
import { provenance } from "./provenance.js";
import { describeEstimate } from "./describe-spend.js";
import { planRun } from "./plan-run.js";
import type { Spending, SpendingOptions } from "./spending.js";
import type { Stderr } from "./stderr.js";

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
}

/** The flags of `pka eval`: one evaluation per dataset. */
export interface EvalOptions extends EvaluationOptions {
  readonly dataset: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
}

/** What every run of a command shares. */
export interface RunContext {
  readonly environment: Environment;
  readonly interrupts: Interrupts;
  readonly stderr: Stderr;
  readonly spending: Spending;
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

/** How the evaluations ended, on stderr and as exit code. */
export function conclude(evaluations: readonly Evaluation[], { interrupts, stderr }: RunContext): number {
  for (const { dataset, report } of evaluations) {
    if (report.status === "stopped") {
      stderr.error(
        `${dataset}: stopped: ${report.stopReason}. What was answered is kept; the same command goes on from there.`,
      );
    }
    const { error } = report.summary.outcomes;
    if (report.status === "complete" && error > 0) {
      stderr.warn(
        `${dataset}: ${error} of ${report.summary.total} rows ended in an error; the same command asks them again`,
      );
    }
  }
  if (evaluations.some(({ report }) => report.status === "stopped")) return EXIT.stopped;
  return interrupts.drain.aborted ? EXIT.interrupted : EXIT.done;
}
