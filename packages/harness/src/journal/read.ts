import { createReadStream } from "node:fs";
import { JournalDamagedError } from "../errors.js";
import { decodeLine, MAX_LINE_BYTES } from "./line.js";
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
  chunks: AsyncIterable<Buffer> | Iterable<Buffer> = createReadStream(path, { highWaterMark: CHUNK_BYTES }),
): AsyncGenerator<JournalEntry | TornTail> {
  let number = 0;
  for await (const { bytes, offset, terminated } of lines(chunks)) {
    number += 1;
    const value = decodeLine(bytes);
    if (value === undefined) {
      if (!terminated && (number > 1 || isHeaderStart(bytes))) {
        yield { offset, length: bytes.length };
        return;
      }
      throw new JournalDamagedError(path, offset, number, "is not what was written");
    }
    const record = parseRecord(value);
    const problem = typeof record === "string" ? record : misplaced(record, number);
    if (typeof record === "string" || problem !== undefined) {
      throw new JournalDamagedError(path, offset, number, `cannot be used: ${problem}`);
    }
    yield { record, offset, length: bytes.length, terminated };
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

async function* lines(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<{ bytes: Buffer; offset: number; terminated: boolean }> {
  let offset = 0;
  let parts: Buffer[] = [];
  let partBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      yield { bytes, offset, terminated: true };
      offset += bytes.length + 1;
      parts = [];
      partBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    partBytes += chunk.length - start;
    // No line of ours is longer: whatever this is, it must not fill the memory.
    if (partBytes > MAX_LINE_BYTES) break;
  }
  if (parts.length > 0) yield { bytes: Buffer.concat(parts), offset, terminated: partBytes > MAX_LINE_BYTES };
}
