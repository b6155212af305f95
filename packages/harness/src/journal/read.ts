import { createReadStream } from "node:fs";
import { JournalDamagedError } from "../errors.js";
import { decodeLine, MAX_LINE_BYTES, wholeLinesWithin } from "./line.js";
import { JOURNAL_FORMAT, type JournalRecord, parseRecord } from "./record.js";

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const HEADER_START = '{"type":"header",';

/** A record and where it stands. */
export interface JournalEntry {
  readonly record: JournalRecord;
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In bytes, newline not included. */
  readonly length: number;
  /** `false` when the newline is missing: the last write was cut just before it. */
  readonly terminated: boolean;
}

/** The unfinished last line of a process that was killed, or of a disk that filled up, in the middle of a write. */
export interface TornTail {
  readonly offset: number;
  readonly length: number;
}

/** A line that is no usable record, though it is not the end of a write that was cut. */
export interface DamagedLine {
  readonly offset: number;
  /** In bytes, newline not included. */
  readonly length: number;
  readonly terminated: boolean;
  /** 1-based. */
  readonly line: number;
  readonly problem: string;
  /** Absent when the line is longer than any that is written. */
  readonly bytes: Buffer | undefined;
}

/**
 * The records of a journal in the order in which they were written, as a stream: memory does not grow with the file.
 * An unfinished last line is left out, so a journal may be read while it is written.
 *
 * @throws JournalDamagedError at the first line that is not what was written.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalRecord> {
  for await (const entry of scanJournal(path)) {
    if ("record" in entry) yield entry.record;
  }
}

/**
 * As {@link readJournal}, with positions, and an unfinished last line as the last item.
 *
 * @param chunks - The bytes of the file, where they do not come from there.
 */
export async function* scanJournal(
  path: string,
  chunks?: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<JournalEntry | TornTail> {
  for await (const item of walkJournal(path, chunks)) {
    if ("problem" in item) throw new JournalDamagedError(path, item.offset, item.line, item.problem);
    yield item;
  }
}

/** As {@link scanJournal}, and past every damaged line to the end of the file. Nothing of the content is an exception. */
export async function* walkJournal(
  path: string,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer> = createReadStream(path, { highWaterMark: CHUNK_BYTES }),
): AsyncGenerator<JournalEntry | TornTail | DamagedLine> {
  let line = 0;
  for await (const { bytes, offset, length, terminated } of lines(chunks)) {
    line += 1;
    const place = { offset, length, terminated };
    const damaged = (problem: string) => ({ ...place, line, problem, bytes });
    if (bytes === undefined) {
      yield damaged(`is longer than ${MAX_LINE_BYTES} bytes, the longest that is ever written`);
      continue;
    }
    const value = decodeLine(bytes);
    if (value === undefined) {
      const isTorn = !terminated && (line > 1 || isHeaderStart(bytes)) && wholeLinesWithin(bytes).length === 0;
      yield isTorn ? { offset, length } : damaged("is not what was written");
      continue;
    }
    const record = parseRecord(value);
    const problem = typeof record === "string" ? record : misplaced(record, line);
    if (typeof record === "string" || problem !== undefined) yield damaged(`cannot be used: ${problem}`);
    else yield { ...place, record };
  }
}

function misplaced(record: JournalRecord, number: number): string | undefined {
  if ((record.type === "header") !== (number === 1)) return `${record.type} at this place`;
  if (record.type === "header" && record.format > JOURNAL_FORMAT) {
    return `format ${record.format} is newer than ${JOURNAL_FORMAT}, the newest known here`;
  }
  return undefined;
}

// A file of someone else's must not be cut as if it were the torn first line of a journal.
function isHeaderStart(bytes: Buffer): boolean {
  return HEADER_START.startsWith(bytes.toString("latin1", 0, HEADER_START.length));
}

interface Line {
  /** Without the newline. Absent when the line is longer than any of ours: whatever it is, it must not fill the memory. */
  readonly bytes: Buffer | undefined;
  readonly offset: number;
  readonly length: number;
  readonly terminated: boolean;
}

async function* lines(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Line> {
  let offset = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    length += part.length;
    if (length > MAX_LINE_BYTES) parts = [];
    else parts.push(part);
  };
  const line = (terminated: boolean): Line => ({
    bytes: length > MAX_LINE_BYTES ? undefined : parts.length === 1 ? parts[0]! : Buffer.concat(parts),
    offset,
    length,
    terminated,
  });
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end));
      yield line(true);
      offset += length + 1;
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  if (length > 0) yield line(false);
}
