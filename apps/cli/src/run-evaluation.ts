import { type Model, type Outcome, UsageError } from "@pka/core";
import { loadDataset } from "@pka/datasets";
import { evaluate, type FailOnError } from "@pka/harness";
import { type Price, priceOf } from "@pka/models";
import { checkpointOf, type ModelOptions } from "./open-model.js";
import type { Evaluation } from "./print-evaluations.js";
import { showDownload, showProgress } from "./progress.js";
import { provenance } from "./provenance.js";
import type { RunContext } from "./run-each.js";

/** The flags of one evaluation. */
export interface EvaluationOptions extends ModelOptions {
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
  readonly budgetUsd?: number;
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
  { environment, interrupts, stderr }: RunContext,
): Promise<Evaluation> {
  const { cues, thinking, temperature, topP, budgetUsd } = options;
  const dataset = await loadDataset(datasetName, {
    ...options,
    hub: environment.hub,
    signal: interrupts.drain,
    logger: stderr,
    onProgress: showDownload(stderr),
  });
  const report = await evaluate({
    ...options,
    dataset,
    model,
    sampling: { temperature, topP },
    checkpoint: checkpointOf(options),
    budget: budgetUsd === undefined ? undefined : { usd: budgetUsd, price: requirePrice(options.model) },
    provenance: await provenance(),
    signal: interrupts.drain,
    abortSignal: interrupts.stop,
    logger: stderr,
    onProgress: showProgress(`${datasetName}, ${model.id}, thinking ${thinking ? "yes" : "no"}:`, stderr),
  });
  stderr.clearLine();
  return { model: model.id, dataset: datasetName, cues, thinking, report };
}

/** @throws UsageError for a model whose price is not known: a cap that cannot be kept is none. */
export function requirePrice(model: string): Price {
  const price = priceOf(model);
  if (price === undefined)
    throw new UsageError(`--budget-usd needs a model whose price is known; ${model} has none here`);
  return price;
}
