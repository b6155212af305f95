import { setMaxListeners } from "node:events";
import type { Logger } from "@pka/core";
import type { AttemptRecord } from "./journal/record.js";
import type { JournalWriter } from "./journal/writer.js";
import type { OpenedRun } from "./open-run.js";
import type { RunOptions } from "./run-options.js";
import { errorKey, StopRules } from "./stop-rules.js";

export interface AskingEnd {
  /** `complete`: every row that was not done has been asked. `interrupted`: by a signal. `stopped`: by a rule. */
  readonly status: "complete" | "interrupted" | "stopped";
  /** What the rule says. */
  readonly stopReason?: string;
  /** Attempts that finished. */
  readonly asked: number;
  /** Cost in US dollars of all attempts in the journal, and of what else the budget has paid; 0 without a budget. */
  readonly spentUsd: number;
}

/** One finished attempt. */
export interface Attempt {
  readonly record: AttemptRecord;
  /** Its error says that no other request can succeed either. */
  readonly isFatal: boolean;
}

/**
 * Ask one row once. A failure is a record, not an exception.
 *
 * @param attempt - Which attempt at this row it is, from 1.
 * @param numDrawn - Completions that the row has got before.
 * @throws The abort reason when `signal` fired.
 */
export type AskRow = (row: number, attempt: number, signal: AbortSignal, numDrawn: number) => Promise<Attempt>;

/**
 * Ask every row that is not done, `concurrency` at a time, and append what comes back to the journal, until all are asked, a rule
 * stops the run, or a signal does.
 *
 * @throws OutputError when the journal could not take an attempt, after the questions in flight have finished.
 */
export async function askRows(
  options: RunOptions & {
    readonly ask: AskRow;
    /** What a warning calls a row. Default: its id. */
    readonly nameOf?: ((row: number) => string) | undefined;
    /** Rows to ask, if they are not done. Default all. */
    readonly isWanted?: ((row: number) => boolean) | undefined;
    readonly logger: Logger;
    readonly journal: JournalWriter;
    readonly run: OpenedRun;
  },
): Promise<AskingEnd> {
  const {
    ask,
    isWanted = () => true,
    nameOf,
    journal,
    run,
    concurrency = 16,
    maxErrors,
    budget,
    logger,
    onProgress,
  } = options;
  const { index, resumed, retry } = run;
  const isToAsk = (row: number) => (retry ? retry.has(row) : !index.isDone(row)) && isWanted(row);
  let numToAsk = 0;
  for (let row = 0; row < index.numRows; row++) if (isToAsk(row)) numToAsk += 1;
  const spentUsd = run.spentUsd + (budget?.spentElsewhereUsd ?? 0);
  const rules = new StopRules({ resumed, numToAsk, isRetry: retry !== undefined, maxErrors, budget, spentUsd });
  const startedAt = performance.now();
  const seenErrors = new Set<string>();
  let asked = 0;
  let inFlight = 0;
  let completionTokens = 0;
  let failure: unknown;

  // One signal for all requests, on which any number may listen: on the caller's own Node would warn of a leak.
  const aborting = AbortSignal.any(options.abortSignal === undefined ? [] : [options.abortSignal]);
  setMaxListeners(0, aborting);
  const aborted = new Promise<void>((resolve) => aborting.addEventListener("abort", () => resolve()));
  const isStopping = () =>
    rules.reason !== undefined || failure !== undefined || options.signal?.aborted || aborting.aborted;

  function* rowsToAsk(): Generator<number> {
    for (let row = 0; row < index.numRows; row++) {
      if (isStopping()) return;
      if (isToAsk(row)) yield row;
    }
  }

  function report(): void {
    onProgress?.({
      done: resumed + asked,
      total: resumed + numToAsk,
      resumed,
      errors: rules.errors,
      inFlight,
      completionTokens,
      ...(budget === undefined ? {} : { costUsd: rules.spentUsd }),
      elapsedMs: performance.now() - startedAt,
    });
  }

  async function askRow(row: number): Promise<void> {
    inFlight += 1;
    try {
      const answer = await ask(row, index.attempts(row) + 1, aborting, index.completions(row));
      inFlight -= 1;
      if (aborting.aborted) return;
      const { record, place } = append(journal, answer.record);
      index.record(row, record, place);
      rules.observe(record, answer.isFatal);
      asked += 1;
      completionTokens += record.completion?.usage.completionTokens ?? record.completion?.numTokens ?? 0;
      const { error } = record;
      if (error !== undefined && !seenErrors.has(errorKey(error))) {
        seenErrors.add(errorKey(error));
        const name = nameOf?.(row) ?? record.id;
        logger.warn(`${name} failed: ${error.message} (${error.kind}; more failures of this kind are not listed)`);
      }
      report();
    } catch (error) {
      // An abort ends a request with the reason of the abort, which is no failure.
      if (!aborting.aborted) failure ??= error;
    }
  }

  const rows = rowsToAsk();
  async function work(): Promise<void> {
    for (let next = rows.next(); !next.done; next = rows.next()) await askRow(next.value);
  }

  report();
  await Promise.race([Promise.all(Array.from({ length: Math.min(concurrency, numToAsk) }, work)), aborted]);
  if (failure !== undefined) throw failure;
  const end = { asked, spentUsd: rules.spentUsd };
  if (rules.reason !== undefined) return { status: "stopped", stopReason: rules.reason, ...end };
  return { status: asked === numToAsk ? "complete" : "interrupted", ...end };
}

/** Append a record, or an error in its place when it is too large for any reader. */
function append(
  journal: JournalWriter,
  record: AttemptRecord,
): { readonly record: AttemptRecord; readonly place: { readonly offset: number; readonly length: number } } {
  try {
    return { record, place: journal.append(record) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { completion, verdict: _, ...rest } = record;
    const message = `the completion cannot be recorded: ${error.message}`;
    const attempts = completion?.attempts ?? 1;
    const failed: AttemptRecord = { ...rest, outcome: "error", error: { kind: "bad-reply", message, attempts } };
    return { record: failed, place: journal.append(failed) };
  }
}
