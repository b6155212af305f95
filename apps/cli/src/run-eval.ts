import { join } from "node:path";
import { type Model, UsageError } from "@pka/core";
import { findDataset } from "@pka/datasets";
import { checkRetry, countRecorded, resultFileName } from "@pka/harness";
import { parseModelId } from "@pka/models";
import { checkpointOf } from "./open-model.js";
import { type Evaluation, printEvaluations } from "./print-evaluations.js";
import { printPlan } from "./print-plan.js";
import { conclude, type RunContext, runEach, type RunEnding } from "./run-each.js";
import { type EvalOptions, runEvaluation } from "./run-evaluation.js";
import { spendingOf } from "./spending.js";
import { Stderr } from "./stderr.js";

/** `pka eval`. Resolves to the exit code. */
export async function runEval(options: EvalOptions): Promise<number> {
  const checkpoint = checkpointOf(options);
  if (checkpoint) (await import("./open-tinker-model.js")).checkCheckpoint(checkpoint.uri);
  // A mistyped name is said before the first question is asked, not when its turn comes.
  options.dataset.forEach(findDataset);
  checkRetry(options.retry);
  if (options.retry && options.dryRun)
    throw new UsageError("--dry-run does not know what --retry would ask: leave one out");
  const spending = spendingOf(options);
  const stderr = new Stderr();
  warnAboutSampling(options, stderr);
  if (options.dryRun) return printPlan(options, spending);

  const ended = await runEach(options.dataset, options, {
    stderr,
    spending,
    prepare: (model, context) => countEarlierSpend(model, options, context),
    run: (name, model, context) => runEvaluation(name, model, options, context),
    endingOf,
    isCommon: ({ code }) => code === "usage",
  });
  if (ended.runs.length > 0) printEvaluations("eval", ended.runs, spending, options.json === true);
  for (const evaluation of ended.runs) warnAboutRetries(evaluation, stderr);
  const isRetry = options.retry !== undefined;
  return conclude(ended.runs.map(endingOf), ended, { ...options, isRetry }, stderr);
}

function endingOf({ dataset, report }: Evaluation): RunEnding {
  const { outcomes, total } = report.summary;
  return { label: dataset, ...report, errors: outcomes.error, total };
}

/** Rows that were asked again because the model's own words came out badly have had more chances than the others. */
function warnAboutRetries({ dataset, report }: Evaluation, stderr: Stderr): void {
  const { retries } = report.summary;
  if (retries === undefined || retries.retried.total === retries.firstOutcomes.error) return;
  stderr.warn(
    `${dataset}: ${retries.retried.total} rows were asked again because of what came out of them, so they are no draws like the others: ` +
      "state the rate of the rows that were asked once beside the rate of all",
  );
}

/** What earlier runs of this command spent on any of its datasets counts before the first of them is asked. */
async function countEarlierSpend(model: Model, options: EvalOptions, { spending, stderr }: RunContext): Promise<void> {
  const { budget, price } = spending;
  if (budget === undefined || options.overwrite) return;
  const names = { ...options, model, checkpointName: options.inferenceName };
  const resultPaths = options.dataset.map((dataset) => join(options.outputDir, resultFileName({ ...names, dataset })));
  await countRecorded(budget, { resultPaths, price, logger: stderr });
}

/** The defaults are those of the paper's scripts, but not what its results of gpt-oss were drawn with. */
function warnAboutSampling({ model, temperature, topP }: EvalOptions, stderr: Stderr): void {
  if (parseModelId(model).id !== "gpt-oss-20b" || (temperature !== 0.6 && topP !== 0.95)) return;
  stderr.warn(
    `gpt-oss-20b is asked with temperature ${temperature} and top-p ${topP}; the paper's results of it were made with 1 and 1: ` +
      "for these, add --temperature 1 --top-p 1",
  );
}
