import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Outcome, silentLogger } from "@pka/core";
import { type AskingEnd, askRows, type AskRow } from "./ask-rows.js";
import { conditionHash, type RunCondition } from "./condition.js";
import { OutputError } from "./errors.js";
import { acquireLock } from "./journal/lock.js";
import { type Fingerprint, type HeaderRecord, JOURNAL_FORMAT, type RunRecord } from "./journal/record.js";
import { JournalWriter } from "./journal/writer.js";
import { journalPathOf, moveAside, type OpenedRun, openRun } from "./open-run.js";
import type { RowIndex } from "./row-index.js";
import type { RunOptions } from "./run-options.js";
import { waitForHandles } from "./wait-for-handles.js";
import { withSpaceNeeded } from "./space-needed.js";
import { syncFolder } from "./sync-folder.js";

export interface RunRowsOptions extends RunOptions {
  readonly resultPath: string;
  readonly condition: RunCondition;
  /** What is asked, by id and hash of the content; ids differ. */
  readonly items: readonly { readonly id: string; readonly hash: string }[];
  /** Draws per item. Row = position of the item × samples + sample. */
  readonly samples: number;
  readonly fingerprint: Fingerprint;
  readonly ask: AskRow;
  /** As `Model.isLocal`. */
  readonly isLocal: boolean;
  /** What a warning calls a row. Default: its id. */
  readonly nameOf?: ((row: number) => string) | undefined;
  /** Rows to ask, if they have no answer yet. Default all. */
  readonly isWanted?: ((row: number) => boolean) | undefined;
  /** Ask the rows again that have one of these outcomes, and no others. */
  readonly retry?: readonly Outcome[] | undefined;
}

/** How a run ended and what is known of its rows. */
export interface RunEnd extends AskingEnd {
  readonly journalPath: string;
  /** Rows that were done when this process started. */
  readonly resumed: number;
  readonly index: RowIndex;
}

/**
 * Ask every row that has no answer yet, with a journal: the part that every kind of run shares. Every finished attempt is in the
 * journal before the next row is asked. One process at a time; `derive` makes the result while the lock is still held.
 *
 * @throws ResumeRefusedError, NothingToRetryError, JournalLockedError, JournalDamagedError, OutputError. Whatever finished before stays in the journal.
 */
export async function runRows<Report>(
  options: RunRowsOptions,
  derive: (end: RunEnd) => Promise<Report>,
): Promise<Report> {
  const { resultPath, items, samples, logger = silentLogger } = options;
  const journalPath = journalPathOf(resultPath);
  makeFolder(dirname(resultPath));
  const releaseLock = await acquireLock(`${journalPath}.lock`);
  let run: OpenedRun | undefined;
  try {
    // See what is done already.
    if (options.overwrite) {
      for (const path of moveAside([journalPath, resultPath])) logger.info(`the files of the earlier run: ${path}`);
    }
    run = await openRun({ ...options, journalPath, price: options.price });
    const { index, resumed } = run;
    if (run.tornBytes > 0) logger.warn(`${journalPath}: cut ${run.tornBytes} bytes of an unfinished last line`);
    if (run.otherAttempts > 0)
      logger.info(`${journalPath} also holds ${run.otherAttempts} attempts at other rows; they stay`);
    if (run.retry)
      logger.info(`${run.retry.size} of ${index.numRows} rows are asked again: ${options.retry!.join(", ")}`);
    else if (resumed > 0) logger.info(`${resumed} of ${index.numRows} rows are answered already`);

    // Ask the rest.
    const journal = new JournalWriter(journalPath, run);
    let end: AskingEnd;
    try {
      const asksAny = run.retry === undefined ? resumed < index.numRows : run.retry.size > 0;
      if (!run.isResumed || asksAny) await journal.append(startRecord(options, run));
      if (!run.isResumed) await syncFolder(dirname(journalPath));
      const idOf = (row: number) => ({ row: items[Math.floor(row / samples)]!.id, sample: row % samples });
      end = await askRows({ ...options, idOf, logger, journalPath, journal, run });
    } finally {
      await journal.close();
    }

    if (!options.abortSignal?.aborted) await waitForHandles(journalPath);
    return await derive({ ...end, journalPath, resumed, index });
  } catch (error) {
    throw run === undefined ? error : withSpaceNeeded(error, run.index);
  } finally {
    releaseLock();
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new OutputError(path, "cannot make the output folder", error);
  }
}

function startRecord(options: RunRowsOptions, run: OpenedRun): HeaderRecord | RunRecord {
  const { condition, items, samples, fingerprint, provenance = {}, retry } = options;
  const selection = items.length === 0 ? {} : { selection: { first: items[0]!.id, items: items.length, samples } };
  const start = { fingerprint, ...selection, provenance, startedAt: new Date().toISOString() };
  if (run.isResumed) return { type: "run", ...(retry && { retry }), ...start };
  return { type: "header", format: JOURNAL_FORMAT, condition, conditionHash: conditionHash(condition), ...start };
}
