import { decodeLine, wholeLinesWithin } from "../journal/line.js";
import { type DamagedLine, walkJournal } from "../journal/read.js";
import { type HeaderRecord, JOURNAL_FORMAT, type JournalRecord, parseRecord } from "../journal/record.js";
import { RepairRefusedError } from "./errors.js";

/** A stretch of a journal that holds no good record. */
export interface LostStretch {
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** Line in which it begins, 1-based. */
  readonly line: number;
  readonly problem: string;
  /** Ids of rows that stood there, as far as they can still be read. */
  readonly rows: readonly string[];
}

/** Bytes that are kept: whole lines, or one whose newline is to be added. */
interface KeptRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly lacksNewline: boolean;
}

export interface JournalSurvey {
  /** Absent when it is lost. */
  readonly header: HeaderRecord | undefined;
  readonly attempts: number;
  /** Lines that are not what was written, whether or not something is lost with them. */
  readonly damagedLines: number;
  /** In the order of the file; neighbours are one. */
  readonly kept: readonly KeptRange[];
  readonly lost: readonly LostStretch[];
  /** An unfinished last line, as every run cuts it. */
  readonly tornBytes: number;
}

/**
 * See what is good in a journal and what is not. Memory grows with the number of damaged places only.
 *
 * @throws RepairRefusedError when it is no journal, is of a newer version, or holds two runs.
 */
export async function surveyJournal(
  path: string,
  chunks?: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<JournalSurvey> {
  let header: HeaderRecord | undefined;
  let attempts = 0;
  let damagedLines = 0;
  let tornBytes = 0;
  const kept: KeptRange[] = [];
  const lost: LostStretch[] = [];

  function keep(start: number, end: number, lacksNewline: boolean): void {
    const last = kept.at(-1);
    if (last?.end === start && !last.lacksNewline) kept[kept.length - 1] = { start: last.start, end, lacksNewline };
    else kept.push({ start, end, lacksNewline });
  }

  /** @returns Whether the record belongs into the journal. */
  function take(record: JournalRecord): boolean {
    if (record.type === "header") {
      if (record.format > JOURNAL_FORMAT) {
        throw new RepairRefusedError(
          path,
          `its format ${record.format} is newer than ${JOURNAL_FORMAT}: use a newer pka`,
        );
      }
      if (header === undefined ? attempts > 0 : header.conditionHash !== record.conditionHash) {
        throw new RepairRefusedError(
          path,
          "it holds the journals of two runs: separate them where the second header stands",
        );
      }
      if (header !== undefined) return false;
      header = record;
    } else if (record.type === "attempt") {
      attempts += 1;
    }
    return true;
  }

  function lose(line: DamagedLine, start: number, end: number): void {
    const bytes = line.bytes?.subarray(start, end);
    if (end <= start || bytes?.toString("latin1").trim() === "") return;
    const rows = bytes === undefined ? [] : legibleIds(bytes);
    const offset = line.offset + start;
    const last = lost.at(-1);
    // A newline that damage has made, or whole pages of it: one stretch.
    if (last !== undefined && last.offset + last.length + 1 === offset) {
      lost[lost.length - 1] = { ...last, length: last.length + 1 + end - start, rows: [...last.rows, ...rows] };
    } else {
      lost.push({ offset, length: end - start, line: line.line, problem: line.problem, rows });
    }
  }

  function searchWithin(line: DamagedLine): void {
    let from = 0;
    for (const { start, end } of line.bytes === undefined ? [] : wholeLinesWithin(line.bytes)) {
      const record = parseRecord(decodeLine(line.bytes!.subarray(start, end)));
      if (typeof record === "string" || !take(record)) continue;
      lose(line, from, start);
      keep(line.offset + start, line.offset + end, true);
      from = end;
    }
    lose(line, from, line.length);
  }

  for await (const item of walkJournal(path, chunks)) {
    if ("problem" in item) {
      damagedLines += 1;
      searchWithin(item);
    } else if ("record" in item) {
      const { record, offset, length, terminated } = item;
      take(record);
      keep(offset, offset + length + (terminated ? 1 : 0), !terminated);
    } else {
      tornBytes = item.length;
    }
  }
  if (header === undefined && attempts === 0) throw new RepairRefusedError(path, "it holds no record of a journal");
  return { header, attempts, damagedLines, kept, lost, tornBytes };
}

const ID = /\{"type":"attempt","id":"((?:[^"\\\n]|\\.)*)"/g;

function legibleIds(bytes: Buffer): string[] {
  return Array.from(bytes.toString("utf8").matchAll(ID), ([, id = ""]) => {
    try {
      return String(JSON.parse(`"${id}"`));
    } catch {
      return id;
    }
  });
}
