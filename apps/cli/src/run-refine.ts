import { type FailOnError, findRefineTargets, refine, type RefineReport } from "@pka/harness";
import type { ModelOptions } from "./open-model.js";
import { printRefinePlan } from "./print-refine-plan.js";
import { printRefinements } from "./print-refinements.js";
import { showProgress } from "./progress.js";
import { provenance } from "./provenance.js";
import { conclude, runEach, type RunEnding } from "./run-each.js";
import { requirePrice } from "./run-evaluation.js";
import { Stderr } from "./stderr.js";

/** The flags of `pka refine`. */
export interface RefineCommandOptions extends ModelOptions {
  readonly targetFiles?: readonly string[];
  readonly all?: true;
  readonly resultsDir: string;
  readonly outputDir?: string;
  readonly startIndex?: number;
  readonly reuse?: true;
  readonly thinking: boolean;
  readonly temperature: number;
  readonly topP: number;
  readonly maxErrors?: number;
  readonly failOnError?: FailOnError;
  readonly budgetUsd?: number;
  readonly overwrite?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `pka refine`. Resolves to the exit code. */
export async function runRefine(options: RefineCommandOptions): Promise<number> {
  const price = options.budgetUsd === undefined ? undefined : requirePrice(options.model);
  const stderr = new Stderr();
  const targets = await findRefineTargets({ ...options, logger: stderr });
  if (options.dryRun) return printRefinePlan(targets, options);

  let spentElsewhereUsd: number | undefined;
  const ended = await runEach(targets, options, {
    stderr,
    run: async (sourcePath, model, { interrupts }) => {
      const report = await refine({
        ...options,
        sourcePath,
        model,
        sampling: { temperature: options.temperature, topP: options.topP },
        budget: price && { usd: options.budgetUsd!, price, spentElsewhereUsd },
        provenance: await provenance(),
        signal: interrupts.drain,
        abortSignal: interrupts.stop,
        logger: stderr,
        onProgress: showProgress(sourcePath, stderr),
      });
      spentElsewhereUsd = report.spentUsd;
      return report;
    },
    endingOf,
  });
  const { model, runs } = ended;
  if (model && runs.length > 0) printRefinements(model.id, runs, options.json === true);
  return conclude(runs.map(endingOf), ended, options, stderr);
}

function endingOf({ sourcePath, summary, ...report }: RefineReport): RunEnding {
  return { label: sourcePath, ...report, errors: summary.errors, total: summary.total };
}
