import { type Example, type Logger, type Model, type Sampling, UsageError } from "@pka/core";
import type { Price } from "./cost.js";
import type { Fingerprint } from "./journal/record.js";

export interface EvaluateOptions {
  readonly dataset: {
    readonly name: string;
    readonly split: string;
    /** The rows to ask, in the order in which they are to stand in the result file; at least one. Their ids differ. */
    readonly examples: readonly Example[];
    readonly fingerprint: Fingerprint;
  };
  readonly model: Model;
  /** Add the cue "Think step-by-step". */
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly sampling: Sampling;
  /** The trained weights that `model` was opened with, and the name that they get in file names. */
  readonly checkpoint?: { readonly uri: string; readonly name: string } | undefined;
  /** Draws per question, ≥ 1; may be raised when a run is continued. Default 1. */
  readonly samples?: number | undefined;
  /** An integer; every draw gets its own seed from it, the row's id and the sample. Default: the provider draws as it likes. */
  readonly seed?: number | undefined;
  /** Made where it does not exist. */
  readonly outputDir: string;
  /** Questions in flight at once, ≥ 1. Default 16. */
  readonly concurrency?: number | undefined;
  /** Start anew. The files of an earlier run are renamed, never deleted. */
  readonly overwrite?: boolean | undefined;
  /** Stop once this many questions of this process have failed, ≥ 1. Default: no limit. */
  readonly maxErrors?: number | undefined;
  /** Stop once the journal's attempts, those of earlier processes included, have cost this much. */
  readonly budget?: { readonly usd: number; readonly price: Price } | undefined;
  /** Package versions, git commit and the like, for the journal. */
  readonly provenance?: Readonly<Record<string, string | null>> | undefined;
  /** Aborting it stops the launching of questions; those in flight are finished and the result is written. */
  readonly signal?: AbortSignal | undefined;
  /** Aborting it stops at once: what is in flight is given up and the result file stays as it was. */
  readonly abortSignal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  /** Called at the start and after every finished attempt. */
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

export interface EvaluationProgress {
  /** Rows that need no more asking, those of earlier processes and those that ended in an error now included. */
  readonly done: number;
  /** Rows: questions × samples. */
  readonly total: number;
  /** Rows that were done when this process started. */
  readonly resumed: number;
  /** Rows that ended in an error in this process. */
  readonly errors: number;
  readonly inFlight: number;
  /** Tokens sampled in this process. */
  readonly completionTokens: number;
  /** Cost of all attempts in the journal in US dollars; only with a budget. */
  readonly costUsd?: number;
  readonly elapsedMs: number;
}

/** @throws UsageError naming the option that cannot be. */
export function checkOptions(options: EvaluateOptions): void {
  const { dataset, model, thinking, sampling, samples, seed, concurrency, maxErrors, budget } = options;
  const { examples } = dataset;
  if (examples.length === 0)
    throw new UsageError(`${dataset.name}: the selection holds no rows, so there is nothing to ask`);
  const ids = new Set<string>();
  for (const { id, task } of examples) {
    if (ids.has(id)) throw new UsageError(`${dataset.name}: two rows have the id ${id}`);
    ids.add(id);
    if (task !== examples[0]!.task) throw new UsageError(`${dataset.name}: ${id} is ${task}, the first row is not`);
  }
  if (!model.thinkingModes.includes(thinking)) {
    throw new UsageError(`${model.id} cannot be asked ${thinking ? "with" : "without"} thinking`);
  }
  checkNumber("temperature", sampling.temperature, (value) => value >= 0, "a number ≥ 0");
  checkNumber("topP", sampling.topP, (value) => value > 0 && value <= 1, "a number in (0, 1]");
  checkNumber("samples", samples, isPositiveInteger, "an integer ≥ 1");
  checkNumber("seed", seed, Number.isSafeInteger, "an integer");
  checkNumber("concurrency", concurrency, isPositiveInteger, "an integer ≥ 1");
  checkNumber("maxErrors", maxErrors, isPositiveInteger, "an integer ≥ 1");
  checkNumber("budget.usd", budget?.usd, (value) => value > 0, "a number > 0");
  checkNumber("budget.price.inputPerMillion", budget?.price.inputPerMillion, (value) => value >= 0, "a number ≥ 0");
  checkNumber("budget.price.outputPerMillion", budget?.price.outputPerMillion, (value) => value >= 0, "a number ≥ 0");
}

function checkNumber(
  name: string,
  value: number | undefined,
  holds: (value: number) => boolean,
  expected: string,
): void {
  if (value === undefined || (Number.isFinite(value) && holds(value))) return;
  throw new UsageError(`${name} is ${value}: it must be ${expected}`);
}

function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
