import { type Example, type Outcome, UsageError } from "@pka/core";
import { checkNumber, isPositiveInteger } from "./check-number.js";
import { checkHowAsked, type HowAsked } from "./how-asked.js";
import type { Fingerprint } from "./journal/record.js";
import { checkRetry } from "./retry-round.js";
import { checkRunOptions, type RunOptions } from "./run-options.js";

export interface EvaluateOptions extends HowAsked, RunOptions {
  readonly dataset: {
    readonly name: string;
    readonly split: string;
    /** The rows to ask, in the order in which they are to stand in the result file; at least one. Their ids differ. */
    readonly examples: readonly Example[];
    readonly fingerprint: Fingerprint;
  };
  /** Add the cue "Think step-by-step". */
  readonly cues: boolean;
  /** The trained weights that `model` was opened with, and the name that they get in file names. */
  readonly checkpoint?: { readonly uri: string; readonly name: string } | undefined;
  /** Draws per question, ≥ 1; may be raised when a run is continued. Default 1. */
  readonly samples?: number | undefined;
  /** An integer; every draw gets its own seed from it, the row's id and the sample. Default: the provider draws as it likes. */
  readonly seed?: number | undefined;
  /**
   * Of an existing run, ask the rows again that have one of these outcomes, and no others; what comes out replaces what was there.
   * Any outcome but `answered`. Default: rows without an attempt and rows whose last attempt is an error.
   */
  readonly retry?: readonly Outcome[] | undefined;
  /** Made where it does not exist. */
  readonly outputDir: string;
}

/** @throws UsageError naming the option that cannot be. */
export function checkOptions(options: EvaluateOptions): void {
  const { dataset, samples, seed, retry } = options;
  const { examples } = dataset;
  if (examples.length === 0)
    throw new UsageError(`${dataset.name}: the selection holds no rows, so there is nothing to ask`);
  const ids = new Set<string>();
  for (const { id, task } of examples) {
    if (ids.has(id)) throw new UsageError(`${dataset.name}: two rows have the id ${id}`);
    ids.add(id);
    if (task !== examples[0]!.task) throw new UsageError(`${dataset.name}: ${id} is ${task}, the first row is not`);
  }
  checkHowAsked(options);
  checkNumber("samples", samples, isPositiveInteger, "an integer ≥ 1");
  checkNumber("seed", seed, Number.isSafeInteger, "an integer");
  checkRunOptions(options);
  checkRetry(retry);
  if (retry !== undefined && options.overwrite)
    throw new UsageError("retry goes on with a run that overwrite puts aside");
}
