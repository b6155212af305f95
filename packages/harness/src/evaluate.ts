import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { silentLogger } from "@pka/core";
import { type AskingEnd, askRows } from "./ask-rows.js";
import { type Condition, conditionHash, conditionOf } from "./condition.js";
import { OutputError } from "./errors.js";
import { checkOptions, type EvaluateOptions } from "./evaluate-options.js";
import { acquireLock } from "./journal/lock.js";
import { type HeaderRecord, JOURNAL_FORMAT, type RunRecord } from "./journal/record.js";
import { JournalWriter } from "./journal/writer.js";
import { moveAside, type OpenedRun, openRun } from "./open-run.js";
import { resultFileName } from "./result/file-name.js";
import { writeResult } from "./result/write-result.js";
import { type EvaluationSummary, summarize } from "./summary.js";
import { syncFolder } from "./sync-folder.js";

export interface EvaluationReport {
  /** `complete`: every row that was not done has been asked. `interrupted`: by one of the signals. `stopped`: see `stopReason`. */
  readonly status: "complete" | "interrupted" | "stopped";
  /** What went wrong, in words for the user. */
  readonly stopReason?: string;
  readonly resultPath: string;
  /** `false` when nothing has finished yet, and after `abortSignal`: the file is then absent or as it was before. */
  readonly resultWritten: boolean;
  readonly journalPath: string;
  /** Rows that were done when this process started. */
  readonly resumed: number;
  /** Attempts that finished in this process. */
  readonly asked: number;
  readonly summary: EvaluationSummary;
}

/**
 * Ask a model every question of a dataset and leave the paper's result file, with a journal beside it.
 *
 * Every finished attempt is in the journal before the next question is launched, so a run that ends in any way, `kill -9` included,
 * is continued by the same call: rows that have an answer are never asked again, rows whose last attempt is an error are.
 * Rows are identified by id, content hash and sample, so a run may be continued with other rows of the dataset or more samples.
 * The model stays open.
 *
 * @throws UsageError for options that cannot be, an empty dataset among them.
 * @throws ResumeRefusedError, JournalLockedError, JournalDamagedError, OutputError. Whatever finished before stays in the journal.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  checkOptions(options);
  const { dataset, model, cues, thinking, samples = 1, budget, abortSignal, logger = silentLogger } = options;
  const { examples } = dataset;
  const condition = conditionOf(options);
  const checkpointName = options.checkpoint?.name;
  const fileName = resultFileName({ dataset: dataset.name, model, checkpointName, cues, thinking });
  const resultPath = join(options.outputDir, fileName);
  const journalPath = `${resultPath}l`;

  makeFolder(options.outputDir);
  const releaseLock = await acquireLock(`${journalPath}.lock`);
  try {
    // See what is done already.
    if (options.overwrite) {
      for (const path of moveAside([journalPath, resultPath])) logger.info(`the files of the earlier run: ${path}`);
    }
    const run = await openRun({ journalPath, resultPath, condition, examples, samples, price: budget?.price });
    const { index, resumed } = run;
    if (run.tornBytes > 0) logger.warn(`${journalPath}: cut ${run.tornBytes} bytes of an unfinished last line`);
    if (run.otherAttempts > 0)
      logger.info(`${journalPath} also holds ${run.otherAttempts} attempts at other rows; they stay`);
    if (resumed > 0) logger.info(`${resumed} of ${index.numRows} rows are answered already`);

    // Ask the rest.
    const journal = new JournalWriter(journalPath, run);
    let end: AskingEnd;
    try {
      if (!run.isResumed || resumed < index.numRows) journal.append(startRecord(options, condition, run));
      if (!run.isResumed) await syncFolder(dirname(journalPath));
      end = await askRows({ ...options, samples, logger, condition, journal, run });
    } finally {
      await journal.close();
    }

    // Derive the result from the journal.
    const summary = summarize(examples[0]!.task, index, samples);
    const resultWritten = summary.finished > 0 && !abortSignal?.aborted;
    if (resultWritten) {
      const pka = { conditionHash: conditionHash(condition), status: end.status, samples, summary };
      await writeResult({ path: resultPath, journalPath, examples, index, ...pka });
    }
    return { ...end, resultPath, resultWritten, journalPath, resumed, summary };
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

function startRecord(options: EvaluateOptions, condition: Condition, run: OpenedRun): HeaderRecord | RunRecord {
  const { dataset, provenance = {} } = options;
  const start = { fingerprint: dataset.fingerprint, provenance, startedAt: new Date().toISOString() };
  if (run.isResumed) return { type: "run", ...start };
  return { type: "header", format: JOURNAL_FORMAT, condition, conditionHash: conditionHash(condition), ...start };
}
