import { type Model, PkaError } from "@pka/core";
import { type FailOnError, failsOnError } from "@pka/harness";
import { type Environment, readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { type Interrupts, listenForInterrupts } from "./interrupts.js";
import { type ModelOptions, openModel } from "./open-model.js";
import type { Spending } from "./spending.js";
import type { Stderr } from "./stderr.js";

/** What every run of a command shares. */
export interface RunContext {
  readonly environment: Environment;
  readonly interrupts: Interrupts;
  readonly stderr: Stderr;
  readonly spending: Spending;
}

/** How one run ended. */
export interface RunEnding {
  /** What messages call it. */
  readonly label: string;
  readonly status: "complete" | "interrupted" | "stopped";
  readonly stopReason?: string;
  /** Rows whose last attempt is an error. */
  readonly errors: number;
  readonly total: number;
}

/** What came of all runs of a command. */
export interface Runs<Run> {
  readonly model: Model | undefined;
  readonly runs: readonly Run[];
  /** One could not be had at all; why has been said. */
  readonly anyFailed: boolean;
  readonly isInterrupted: boolean;
}

/** Open the model, ask it about each item in turn until one is interrupted or stops, and close it. */
export async function runEach<Item, Run>(
  items: readonly Item[],
  options: ModelOptions,
  how: {
    readonly stderr: Stderr;
    readonly spending: Spending;
    /** Done once, before the first item. */
    readonly prepare: (model: Model, context: RunContext) => Promise<void>;
    readonly run: (item: Item, model: Model, context: RunContext) => Promise<Run>;
    readonly endingOf: (run: Run) => RunEnding;
    /** An error that would befall every other item too. */
    readonly isCommon?: (error: PkaError) => boolean;
  },
): Promise<Runs<Run>> {
  const { stderr, spending, prepare, run, endingOf, isCommon = () => false } = how;
  const interrupts = listenForInterrupts((message) => stderr.warn(message));
  const context = { environment: readEnvironment(), interrupts, stderr, spending };
  const runs: Run[] = [];
  let model: Model | undefined;
  let anyFailed = false;
  try {
    model = await openModel(options, context.environment, { logger: stderr, signal: interrupts.drain });
    await prepare(model, context);
    for (const item of items) {
      try {
        const done = await run(item, model, context);
        runs.push(done);
        if (endingOf(done).status === "stopped") break;
      } catch (error) {
        // What cannot be had does not take the others along.
        if (items.length === 1 || !PkaError.isInstance(error) || isCommon(error)) throw error;
        stderr.error(error.message);
        anyFailed = true;
      }
      if (interrupts.drain.aborted) break;
    }
  } catch (error) {
    if (!interrupts.drain.aborted) throw error;
  } finally {
    interrupts.dispose();
    stderr.clearLine();
    await model?.close?.();
  }
  return { model, runs, anyFailed, isInterrupted: interrupts.drain.aborted };
}

/** How the runs ended, on stderr and as exit code. */
export function conclude(
  endings: readonly RunEnding[],
  { anyFailed, isInterrupted }: Pick<Runs<unknown>, "anyFailed" | "isInterrupted">,
  { failOnError = false, isRetry = false }: { readonly failOnError?: FailOnError; readonly isRetry?: boolean },
  stderr: Stderr,
): number {
  let isBeyond = false;
  for (const { label, status, stopReason, errors, total } of endings) {
    if (status === "stopped") {
      stderr.error(`${label}: stopped: ${stopReason}. What was done is kept; the same command goes on from there.`);
    } else if (status === "complete" && errors > 0) {
      const command = isRetry ? "the same command without --retry" : "the same command";
      stderr.warn(`${label}: ${errors} of ${total} rows ended in an error; ${command} asks them again`);
    }
    if (failsOnError(failOnError, { errors, total })) {
      stderr.error(`${label}: failed: ${errors} of ${total} rows ended in an error (--fail-on-error ${failOnError})`);
      isBeyond = true;
    }
  }
  if (endings.some(({ status }) => status === "stopped")) return EXIT.stopped;
  if (isInterrupted) return EXIT.interrupted;
  if (isBeyond) return EXIT.stopped;
  return anyFailed ? EXIT.failed : EXIT.done;
}
