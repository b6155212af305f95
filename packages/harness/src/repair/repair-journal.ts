import { createReadStream } from "node:fs";
import { constants, copyFile, type FileHandle, link, stat } from "node:fs/promises";
import { OutputError } from "../errors.js";
import { encodeLine } from "../journal/line.js";
import { acquireLock } from "../journal/lock.js";
import { readJournal } from "../journal/read.js";
import type { HeaderRecord } from "../journal/record.js";
import { backupSuffix, journalPathOf } from "../open-run.js";
import { replaceFile } from "../replace-file.js";
import { RepairRefusedError } from "./errors.js";
import { type JournalSurvey, type LostStretch, surveyJournal } from "./survey-journal.js";

/** Options of `repairJournal`. */
export interface RepairOptions {
  /** Say what would be done, and change nothing. */
  readonly dryRun?: boolean | undefined;
  /** Another journal of the same command, whose header is taken when the journal's own is lost. */
  readonly headerFrom?: string | undefined;
}

/** What was in a journal, what is kept and what is lost. */
export interface JournalRepair {
  readonly journalPath: string;
  /** `sound`: there was nothing to do. `damaged`: there is, and it was a dry run. */
  readonly status: "sound" | "damaged" | "repaired";
  /** Attempts that are kept. */
  readonly attempts: number;
  readonly lost: readonly LostStretch[];
  /** An unfinished last line, such as any run cuts off when it goes on. */
  readonly tornBytes: number;
  /** The header was lost and is that of `headerFrom`. */
  readonly hasHeaderFromElsewhere: boolean;
  /** The file as it was before. */
  readonly backupPath: string | null;
}

/**
 * Make a damaged journal one that can be continued: every good record is kept, in its order, and what is no record is left out. The file
 * is replaced whole, and its old content stays beside it under another name. Rows that were lost are asked by the next run.
 *
 * @param path - A journal, or the result file beside it.
 * @throws RepairRefusedError, JournalLockedError, OutputError. The file then is as it was.
 */
export async function repairJournal(path: string, options: RepairOptions = {}): Promise<JournalRepair> {
  const { dryRun = false, headerFrom } = options;
  const journalPath = path.endsWith(".json") ? journalPathOf(path) : path;
  await requireFile(journalPath);
  const releaseLock = dryRun ? () => undefined : await acquireLock(`${journalPath}.lock`);
  try {
    const survey = await reading(journalPath, surveyJournal(journalPath));
    const { attempts, lost, tornBytes } = survey;
    const header = survey.header === undefined ? await headerOf(journalPath, headerFrom) : undefined;
    const found = { journalPath, attempts, lost, tornBytes, hasHeaderFromElsewhere: header !== undefined };
    if (survey.damagedLines === 0 && tornBytes === 0) return { ...found, status: "sound", backupPath: null };
    if (dryRun) return { ...found, status: "damaged", backupPath: null };

    const backupPath = journalPath + backupSuffix();
    await replaceFile(
      journalPath,
      "cannot write the repaired journal",
      (file) => writeKept(file, journalPath, survey, header),
      () => keepUnder(journalPath, backupPath),
    );
    return { ...found, status: "repaired", backupPath };
  } finally {
    releaseLock();
  }
}

async function requireFile(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isFile()) throw new RepairRefusedError(path, "it is no file");
  } catch (error) {
    throw error instanceof RepairRefusedError ? error : new OutputError(path, "cannot read the journal", error);
  }
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof RepairRefusedError ? error : new OutputError(path, "cannot read the journal", error);
  }
}

async function headerOf(journalPath: string, headerFrom: string | undefined): Promise<HeaderRecord> {
  if (headerFrom === undefined) {
    throw new RepairRefusedError(
      journalPath,
      "its header, which says what was asked, is lost. It can be taken from another journal of the same command, such as one " +
        "that was run with --limit 1 into another folder: --header-from <journal>",
    );
  }
  const { value } = await readJournal(headerFrom).next();
  if (value?.type !== "header") throw new RepairRefusedError(headerFrom, "it has no header");
  return { ...value, provenance: { ...value.provenance, headerFrom } };
}

async function writeKept(
  file: FileHandle,
  path: string,
  { kept }: JournalSurvey,
  header: HeaderRecord | undefined,
): Promise<void> {
  if (header !== undefined) await file.writeFile(encodeLine(header));
  for (const { start, end, lacksNewline } of kept) {
    for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 20 })) {
      await file.writeFile(chunk as Buffer);
    }
    if (lacksNewline) await file.writeFile("\n");
  }
  await file.chmod((await stat(path)).mode);
}

/** A second name for a file, so that there is no moment without it; a copy where the file system has no such names. */
async function keepUnder(path: string, backupPath: string): Promise<void> {
  await link(path, backupPath).catch(() => copyFile(path, backupPath, constants.COPYFILE_EXCL));
}
