import { join } from "node:path";
import { type Model, PkaError } from "@pka/core";
import { findDataset } from "@pka/datasets";
import { countRecorded, resultFileName } from "@pka/harness";
import { parseModelId } from "@pka/models";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { listenForInterrupts } from "./interrupts.js";
import { checkpointOf, openModel } from "./open-model.js";
import { type Evaluation, printEvaluations } from "./print-evaluations.js";
import { printPlan } from "./print-plan.js";
import { conclude, type EvalOptions, type RunContext, runEvaluation } from "./run-evaluation.js";
import { spendingOf } from "./spending.js";
import { Stderr } from "./stderr.js";

/** `pka eval`. Resolves to the exit code. */
export async function runEval(options: EvalOptions): Promise<number> {
  checkpointOf(options);
  // A mistyped name is said before the first question is asked, not when its turn comes.
  options.dataset.forEach(findDataset);
  const spending = spendingOf(options);
  const stderr = new Stderr();
  warnAboutSampling(options, stderr);
  if (options.dryRun) return printPlan(options, spending);

  const interrupts = listenForInterrupts((message) => stderr.warn(message));
  const context = { environment: readEnvironment(), interrupts, stderr, spending };
  const evaluations: Evaluation[] = [];
  let model: Model | undefined;
  let failed = false;
  try {
    model = await openModel(options, context.environment, { logger: stderr, signal: interrupts.drain });
    await countEarlierSpend(model, options, context);
    for (const name of options.dataset) {
      try {
        evaluations.push(await runEvaluation(name, model, options, context));
      } catch (error) {
        // One dataset that cannot be had does not take the others along.
        if (options.dataset.length === 1 || !PkaError.isInstance(error) || error.code === "usage") throw error;
        stderr.error(error.message);
        failed = true;
      }
      if (interrupts.drain.aborted || evaluations.at(-1)?.report.status === "stopped") break;
    }
  } catch (error) {
    if (!interrupts.drain.aborted) throw error;
  } finally {
    interrupts.dispose();
    stderr.clearLine();
    await model?.close?.();
  }
  if (evaluations.length > 0) printEvaluations("eval", evaluations, spending, options.json === true);
  const exitCode = conclude(evaluations, context);
  return exitCode === EXIT.done && failed ? EXIT.failed : exitCode;
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
