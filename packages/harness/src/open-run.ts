import { existsSync, renameSync } from "node:fs";
import { type Logger, type Model, type Outcome, silentLogger } from "@pka/core";
import { conditionDifferences, conditionHash, type RunCondition } from "./condition.js";
import type { Price } from "./cost.js";
import {
  JournalDamagedError,
  NothingToRetryError,
  OutputError,
  type ResumeDifference,
  ResumeRefusedError,
} from "./errors.js";
import { scanJournal } from "./journal/read.js";
import type { HeaderRecord } from "./journal/record.js";
import { Ledger } from "./ledger.js";
import { RetryRound } from "./retry-round.js";
import { RowIndex } from "./row-index.js";

const MAX_CHANGED_ROWS_NAMED = 5;

/** What a journal tells about the rows that are wanted now. */
export interface OpenedRun {
  readonly index: RowIndex;
  /** There is a journal to go on with. */
  readonly isResumed: boolean;
  /** Rows that are done: they are not asked. */
  readonly resumed: number;
  /** The rows to ask again, where that is what this process is for. */
  readonly retry?: RetryRound;
  /** Length of its valid part, in bytes. */
  readonly end: number;
  /** The last line is complete but for its newline. */
  readonly lacksNewline: boolean;
  /** Bytes of an unfinished last line, which are to be cut. */
  readonly tornBytes: number;
  /** Attempts at rows that are not wanted now: other rows of the dataset, samples beyond the number asked for. */
  readonly otherAttempts: number;
  /** Of everything in the journal. */
  readonly ledger: Ledger;
}

/**
 * Read a run's journal, if there is one, and see which rows are done.
 *
 * @throws ResumeRefusedError when it is a run of another condition, or a row has changed, or a result file stands there without a journal.
 * @throws NothingToRetryError when rows are to be asked again and there is no run.
 * @throws JournalDamagedError
 */
export async function openRun(options: {
  readonly journalPath: string;
  readonly resultPath: string;
  readonly condition: RunCondition;
  /** What is asked, by id and hash of the content. */
  readonly items: readonly { readonly id: string; readonly hash: string }[];
  readonly samples: number;
  readonly price: Price | undefined;
  readonly retry?: readonly Outcome[] | undefined;
}): Promise<OpenedRun> {
  const { journalPath, resultPath, condition, items, samples, price, retry } = options;
  const index = new RowIndex(items.length * samples);
  const round = new RetryRound();
  const positions = new Map(items.map(({ id }, position) => [id, position]));
  const changed: ResumeDifference[] = [];
  let isResumed = false;
  let end = 0;
  let lacksNewline = false;
  let tornBytes = 0;
  let otherAttempts = 0;
  const ledger = new Ledger(price);

  if (existsSync(journalPath)) {
    for await (const entry of readable(journalPath)) {
      if (!("record" in entry)) {
        tornBytes = entry.length;
        continue;
      }
      const { record, offset, length, terminated } = entry;
      end = offset + length + (terminated ? 1 : 0);
      lacksNewline = !terminated;
      if (record.type === "header") {
        isResumed = true;
        refuseOtherCondition(journalPath, record, condition);
      } else if (record.type === "run") {
        if (record.retry !== undefined) round.begin(record.retry, index);
      } else if (record.type === "start") {
        ledger.start(record);
      } else if (record.type === "attempt") {
        ledger.finish(record);
        const position = positions.get(record.id);
        if (position === undefined || record.sample >= samples) {
          otherAttempts += 1;
        } else if (record.hash !== items[position]!.hash) {
          changed.push({ field: `row ${record.id}`, recorded: record.hash, requested: items[position]!.hash });
        } else {
          const row = position * samples + record.sample;
          index.record(row, record, { offset, length });
          round.observe(row, record.outcome);
        }
      }
    }
  }
  if (changed.length > 0) {
    const problem = `the content of ${changed.length} answered rows has changed since they were asked`;
    throw new ResumeRefusedError(journalPath, problem, changed.slice(0, MAX_CHANGED_ROWS_NAMED));
  }
  if (!isResumed && existsSync(resultPath)) {
    throw new ResumeRefusedError(
      resultPath,
      "this result file has no journal beside it, so it cannot be continued",
      [],
    );
  }
  if (retry !== undefined) {
    if (!isResumed) throw new NothingToRetryError(journalPath);
    round.begin(retry, index);
  }
  const isAskedAgain = (row: number) => retry !== undefined && round.has(row);
  let resumed = 0;
  for (let row = 0; row < index.numRows; row++) if (index.isDone(row) && !isAskedAgain(row)) resumed += 1;
  const known = { index, isResumed, resumed, end, lacksNewline, tornBytes, otherAttempts, ledger };
  return retry === undefined ? known : { ...known, retry: round };
}

/**
 * The model as a run was begun with it, where that is to be continued: with the date that its first prompts named, and the like.
 *
 * @throws JournalDamagedError, OutputError.
 */
export async function modelAsRecorded(
  resultPath: string,
  options: { readonly model: Model; readonly overwrite?: boolean | undefined; readonly logger?: Logger | undefined },
): Promise<Model> {
  const { model, overwrite, logger = silentLogger } = options;
  const journalPath = journalPathOf(resultPath);
  if (!model.asRecorded || overwrite || !existsSync(journalPath)) return model;
  for await (const entry of readable(journalPath)) {
    if (!("record" in entry) || entry.record.type !== "header") break;
    const recorded = await model.asRecorded(entry.record.condition.settings);
    for (const [name, value] of Object.entries(recorded.settings)) {
      if (value !== model.settings[name]) logger.info(`${journalPath} goes on as it was begun: ${name} ${value}`);
    }
    return recorded;
  }
  return model;
}

/** The journal of a result file stands beside it. */
export function journalPathOf(resultPath: string): string {
  return `${resultPath}l`;
}

/** What is put behind a file's name when another takes its place. */
export function backupSuffix(): string {
  return `.bak-${new Date().toISOString().replace(/[-:]/g, "")}`;
}

/** Rename the files of an earlier run to `<name>.bak-<time>`, so that another can start in their place. @returns The new names. */
export function moveAside(paths: readonly string[]): string[] {
  const suffix = backupSuffix();
  return paths.filter(existsSync).map((path) => {
    try {
      renameSync(path, path + suffix);
    } catch (error) {
      throw new OutputError(path, "cannot rename", error);
    }
    return path + suffix;
  });
}

async function* readable(path: string): ReturnType<typeof scanJournal> {
  try {
    yield* scanJournal(path);
  } catch (error) {
    throw error instanceof JournalDamagedError ? error : new OutputError(path, "cannot read the journal", error);
  }
}

function refuseOtherCondition(path: string, header: HeaderRecord, condition: RunCondition): void {
  if (header.conditionHash === conditionHash(condition)) return;
  const differences = conditionDifferences(header.condition, condition);
  throw new ResumeRefusedError(path, "this run was started under another condition", differences);
}
