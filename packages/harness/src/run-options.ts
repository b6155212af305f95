import { type Logger, UsageError } from "@pka/core";
import type { Price } from "./cost.js";

/** How much may be spent, and what it is spent on. */
export interface Budget {
  /** US dollars, > 0. */
  readonly usd: number;
  readonly price: Price;
  /** Spent by other runs that share the budget. Default 0. */
  readonly spentElsewhereUsd?: number | undefined;
}

/** What every run that asks a model takes, whatever it asks. */
export interface RunOptions {
  /** Questions in flight at once, ≥ 1. Default 16. */
  readonly concurrency?: number | undefined;
  /** Start anew. The files of an earlier run are renamed, never deleted. */
  readonly overwrite?: boolean | undefined;
  /** Stop once this many questions of this process have failed, ≥ 1. Default: no limit. */
  readonly maxErrors?: number | undefined;
  /** Stop once the journal's attempts, those of earlier processes included, have cost this much. */
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

/** How far a run is. */
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
  /** Cost of all attempts in the journal, and of what else the budget has paid, in US dollars; only with a budget. */
  readonly costUsd?: number;
  readonly elapsedMs: number;
}

/** @throws UsageError naming the option that cannot be. */
export function checkRunOptions({ concurrency, maxErrors, budget }: RunOptions): void {
  checkNumber("concurrency", concurrency, isPositiveInteger, "an integer ≥ 1");
  checkNumber("maxErrors", maxErrors, isPositiveInteger, "an integer ≥ 1");
  checkNumber("budget.usd", budget?.usd, (value) => value > 0, "a number > 0");
  checkNumber("budget.price.inputPerMillion", budget?.price.inputPerMillion, (value) => value >= 0, "a number ≥ 0");
  checkNumber("budget.price.outputPerMillion", budget?.price.outputPerMillion, (value) => value >= 0, "a number ≥ 0");
}

export function checkNumber(
  name: string,
  value: number | undefined,
  holds: (value: number) => boolean,
  expected: string,
): void {
  if (value === undefined || (Number.isFinite(value) && holds(value))) return;
  throw new UsageError(`${name} is ${value}: it must be ${expected}`);
}

export function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
