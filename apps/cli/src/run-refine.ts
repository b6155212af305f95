import {
  countRecorded,
  type FailOnError,
  findRefineTargets,
  planRefinement,
  refine,
  refinedPath,
  type RefineReport,
} from "@pka/harness";
import { describeEstimate } from "./describe-spend.js";
import type { ModelOptions } from "./open-model.js";
import { printRefinePlan } from "./print-refine-plan.js";
import { printRefinements } from "./print-refinements.js";
import { showProgress } from "./progress.js";
import { provenance } from "./provenance.js";
import { conclude, runEach, type RunEnding } from "./run-each.js";
import { type SpendingOptions, spendingOf } from "./spending.js";
import { Stderr } from "./stderr.js";

/** The flags of `pka refine`. */
export interface RefineCommandOptions extends ModelOptions, SpendingOptions {
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
  readonly maxAttempts: number;
  readonly overwrite?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `pka refine`. Resolves to the exit code. */
export async function runRefine(options: RefineCommandOptions): Promise<number> {
  const spending = spendingOf(options);
  const { price, budget } = spending;
  const stderr = new Stderr();
  const targets = await findRefineTargets({ ...options, logger: stderr });
  if (options.dryRun) return printRefinePlan(targets, options, spending);

  const ended = await runEach(targets, options, {
    stderr,
    spending,
    prepare: async () => {
      if (budget === undefined || options.overwrite) return;
      const resultPaths = targets.map((path) => refinedPath(path, options.outputDir));
      await countRecorded(budget, { resultPaths, price, logger: stderr });
    },
    run: async (sourcePath, model, { interrupts }) => {
      if (price !== undefined) {
        const { estimate } = await planRefinement({ ...options, sourcePath, price });
        stderr.info(`${sourcePath}: ${describeEstimate(estimate)}`);
      }
      return refine({
        ...options,
        ...spending,
        sourcePath,
        model,
        sampling: { temperature: options.temperature, topP: options.topP },
        provenance: await provenance(),
        signal: interrupts.drain,
        abortSignal: interrupts.stop,
        logger: stderr,
        onProgress: showProgress(sourcePath, stderr, budget),
      });
    },
    endingOf,
  });
  const { model, runs } = ended;
  if (model && runs.length > 0) printRefinements(model.id, runs, spending, options.json === true);
  return conclude(runs.map(endingOf), ended, options, stderr);
}

function endingOf({ sourcePath, summary, ...report }: RefineReport): RunEnding {
  return { label: sourcePath, ...report, errors: summary.errors, total: summary.total };
}
