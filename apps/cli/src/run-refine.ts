import { type Model, PkaError } from "@pka/core";
import { countRecorded, findRefineTargets, planRefinement, refine, refinedPath, type RefineReport } from "@pka/harness";
import { describeEstimate } from "./describe-spend.js";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { listenForInterrupts } from "./interrupts.js";
import { type ModelOptions, openModel } from "./open-model.js";
import { printRefinePlan } from "./print-refine-plan.js";
import { printRefinements } from "./print-refinements.js";
import { showProgress } from "./progress.js";
import { provenance } from "./provenance.js";
import type { RunContext } from "./run-evaluation.js";
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

  const interrupts = listenForInterrupts((message) => stderr.warn(message));
  const context = { environment: readEnvironment(), interrupts, stderr, spending };
  const reports: RefineReport[] = [];
  let model: Model | undefined;
  let failed = false;
  try {
    model = await openModel(options, context.environment, { logger: stderr, signal: interrupts.drain });
    const runOptions = {
      ...options,
      ...spending,
      model,
      sampling: { temperature: options.temperature, topP: options.topP },
      provenance: await provenance(),
      signal: interrupts.drain,
      abortSignal: interrupts.stop,
      logger: stderr,
    };
    if (budget !== undefined && !options.overwrite) {
      const resultPaths = targets.map((path) => refinedPath(path, options.outputDir));
      await countRecorded(budget, { resultPaths, price, logger: stderr });
    }
    for (const sourcePath of targets) {
      try {
        if (price !== undefined) {
          const { estimate } = await planRefinement({ ...options, sourcePath, price });
          stderr.info(`${sourcePath}: ${describeEstimate(estimate)}`);
        }
        reports.push(await refine({ ...runOptions, sourcePath, onProgress: showProgress(sourcePath, stderr, budget) }));
      } catch (error) {
        // One file that cannot be refined does not take the others along.
        if (targets.length === 1 || !PkaError.isInstance(error)) throw error;
        stderr.error(error.message);
        failed = true;
      }
      stderr.clearLine();
      if (interrupts.drain.aborted || reports.at(-1)?.status === "stopped") break;
    }
  } catch (error) {
    if (!interrupts.drain.aborted) throw error;
  } finally {
    interrupts.dispose();
    stderr.clearLine();
    await model?.close?.();
  }
  if (model && reports.length > 0) printRefinements(model.id, reports, spending, options.json === true);
  const exitCode = conclude(reports, context);
  return exitCode === EXIT.done && failed ? EXIT.failed : exitCode;
}

/** How the refinements ended, on stderr and as exit code. */
function conclude(reports: readonly RefineReport[], { interrupts, stderr }: RunContext): number {
  for (const { sourcePath, status, stopReason, summary } of reports) {
    if (status === "stopped") {
      stderr.error(
        `${sourcePath}: stopped: ${stopReason}. What was refined is kept; the same command goes on from there.`,
      );
    } else if (status === "complete" && summary.errors > 0) {
      stderr.warn(
        `${sourcePath}: ${summary.errors} of ${summary.total} rows could not be refined; the same command asks again`,
      );
    }
  }
  if (reports.some(({ status }) => status === "stopped")) return EXIT.stopped;
  return interrupts.drain.aborted ? EXIT.interrupted : EXIT.done;
}
