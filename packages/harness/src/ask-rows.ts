import { setMaxListeners } from "node:events";
import type { Logger } from "@pka/core";
import type { AttemptRecord, StartRecord } from "./journal/record.js";
import type { JournalWriter, Place } from "./journal/writer.js";
import type { Spend } from "./ledger.js";
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
  /** Of this run with all its processes. */
  readonly spend: Spend;
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
    /** `id` of a row's item, and which draw of it. */
    readonly idOf: (row: number) => Omit<StartRecord, "type">;
    /** No `start` is written, and nothing was possibly billed. */
    readonly isLocal: boolean;
    /** What a warning calls a row. Default: its id. */
    readonly nameOf?: ((row: number) => string) | undefined;
    /** Rows to ask, if they are not done. Default all. */
    readonly isWanted?: ((row: number) => boolean) | undefined;
    readonly logger: Logger;
    readonly journalPath: string;
    readonly journal: JournalWriter;
    readonly run: OpenedRun;
  },
): Promise<AskingEnd> {
  const {
    ask,
    isWanted = () => true,
    idOf,
    isLocal,
    nameOf,
    journalPath,
    journal,
    run,
    concurrency = 16,
    maxErrors,
    maxAttempts = 10,
    budget,
    logger,
    onProgress,
  } = options;
  const { index, resumed, retry, ledger } = run;
  const isDue = (row: number) => (retry ? retry.has(row) : !index.isDone(row)) && isWanted(row);
  const isGivenUp = (row: number) => {
    const { row: id, sample } = idOf(row);
    return index.attempts(row) + ledger.unanswered(id, sample) >= maxAttempts;
  };
  const isToAsk = (row: number) => isDue(row) && !isGivenUp(row);
  let numToAsk = 0;
  let numGivenUp = 0;
  for (let row = 0; row < index.numRows; row++) {
    if (!isDue(row)) continue;
    if (isGivenUp(row)) numGivenUp += 1;
    else numToAsk += 1;
  }
  if (numGivenUp > 0) {
    logger.warn(`${numGivenUp} rows were asked ${maxAttempts} times without an answer and are not asked again`);
  }
  budget?.count(journalPath, ledger.spend());
  const rules = new StopRules({ resumed, numToAsk, isRetry: retry !== undefined, maxErrors, budget });
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
      spend: ledger.spend(inFlight),
      elapsedMs: performance.now() - startedAt,
    });
  }

  async function askRow(row: number): Promise<void> {
    inFlight += 1;
    try {
      if (!isLocal) {
        // Before the request: whatever happens to this process, it is known that the question may have been paid.
        const start = idOf(row);
        await journal.append({ type: "start", ...start });
        ledger.start(start);
      }
      const answer = await ask(row, index.attempts(row) + 1, aborting, index.completions(row));
      inFlight -= 1;
      if (aborting.aborted) return;
      const { record, place } = await append(journal, answer.record);
      index.record(row, record, place);
      ledger.finish(record);
      budget?.count(journalPath, ledger.spend(inFlight));
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
  const end = { asked, spend: ledger.spend() };
  if (rules.reason !== undefined) return { status: "stopped", stopReason: rules.reason, ...end };
  return { status: asked === numToAsk ? "complete" : "interrupted", ...end };
}

/** Append a record, or an error in its place when it is too large for any reader. */
async function append(
  journal: JournalWriter,
  record: AttemptRecord,
): Promise<{ readonly record: AttemptRecord; readonly place: Place }> {
  try {
    return { record, place: await journal.append(record) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { completion, verdict: _, ...rest } = record;
    const message = `the completion cannot be recorded: ${error.message}`;
    const { attempts = 1, possiblyBilled = 0 } = completion ?? {};
    // It was answered, so it was paid; what it took is lost with it.
    const recorded = { kind: "bad-reply", message, attempts, possiblyBilled: possiblyBilled + 1 } as const;
    const failed: AttemptRecord = { ...rest, outcome: "error", error: recorded };
    return { record: failed, place: await journal.append(failed) };
  }
}
