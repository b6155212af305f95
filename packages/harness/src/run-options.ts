import { type Logger, UsageError } from "@pka/core";
import type { Budget } from "./budget.js";
import { checkNumber, isPositiveInteger } from "./check-number.js";
import type { Price } from "./cost.js";
import type { Spend } from "./ledger.js";

/** What every run that asks a model takes, whatever it asks. */
export interface RunOptions {
  /** Questions in flight at once, ≥ 1. Default 16. */
  readonly concurrency?: number | undefined;
  /** Start anew. The files of an earlier run are renamed, never deleted. */
  readonly overwrite?: boolean | undefined;
  /** Stop once this many questions of this process have failed, ≥ 1. Default: no limit. */
  readonly maxErrors?: number | undefined;
  /** Ask no row more often than this, ≥ 1, over all processes and with the times whose end nobody saw. Default 10. */
  readonly maxAttempts?: number | undefined;
  /** What the model's tokens cost. Default: not known, and then nothing is said about dollars. */
  readonly price?: Price | undefined;
  /** Stop once it is spent; what the journal holds of earlier processes counts. Runs may share one. */
  readonly budget?: Budget | undefined;
  /** Package versions, git commit and the like, for the journal. */
  readonly provenance?: Readonly<Record<string, string | null>> | undefined;
  /** Aborting it stops the launching of questions; those in flight are finished and the result is written. */
  readonly signal?: AbortSignal | undefined;
  /** Aborting it stops at once: what is in flight is given up and the result file stays as it was. */
  readonly abortSignal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  /** Called at the start and after every finished attempt. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
}

export interface RunProgress {
  /** Rows that need no more asking, those of earlier processes and those that ended in an error now included. */
  readonly done: number;
  /** Rows to ask: questions × samples, or answers to refine. */
  readonly total: number;
  /** Rows that were done when this process started. */
  readonly resumed: number;
  /** Rows that ended in an error in this process. */
  readonly errors: number;
  readonly inFlight: number;
  /** Tokens sampled in this process. */
  readonly completionTokens: number;
  /** Of this run with all its processes. */
  readonly spend: Spend;
  readonly elapsedMs: number;
}

/** @throws UsageError naming the option that cannot be. */
export function checkRunOptions({ concurrency, maxErrors, maxAttempts, price, budget }: RunOptions): void {
  checkNumber("concurrency", concurrency, isPositiveInteger, "an integer ≥ 1");
  checkNumber("maxErrors", maxErrors, isPositiveInteger, "an integer ≥ 1");
  checkNumber("maxAttempts", maxAttempts, isPositiveInteger, "an integer ≥ 1");
  for (const name of ["inputPerMillion", "cachedInputPerMillion", "outputPerMillion"] as const) {
    checkNumber(`price.${name}`, price?.[name], (value) => value >= 0, "a number ≥ 0");
  }
  if (budget?.limits.usd !== undefined && price === undefined) {
    throw new UsageError("a budget in US dollars needs a price: a cap that cannot be kept is none");
  }
}
