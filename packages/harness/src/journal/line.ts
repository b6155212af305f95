import { crc32 } from "node:zlib";

// A line is one JSON object whose last key is the CRC-32 of all bytes before it: {…,"crc":"xxxxxxxx"}
const CRC_KEY = ',"crc":"';
/** Every record begins with its type. */
const RECORD_START = '{"type":"';
const SUFFIX_BYTES = CRC_KEY.length + '00000000"}'.length;

/** The largest line that is written or read: 64 MiB, so that one record fits in a small heap several times. */
export const MAX_LINE_BYTES = 2 ** 26;

/** One JSON object as the bytes of a journal line, newline included. @throws RangeError when it exceeds {@link MAX_LINE_BYTES}. */
export function encodeLine(value: object): Buffer {
  const body = JSON.stringify(value).slice(0, -1);
  const line = Buffer.from(`${body}${CRC_KEY}${hex(crc32(body))}"}\n`);
  if (line.length > MAX_LINE_BYTES) throw new RangeError(`a record of ${line.length} bytes is too large`);
  return line;
}

/** The object of a line without its newline, or `undefined` when the bytes are not what was written. */
export function decodeLine(line: Buffer): unknown {
  const crcAt = line.length - SUFFIX_BYTES;
  if (crcAt <= 0) return undefined;
  const expected = `${CRC_KEY}${hex(crc32(line.subarray(0, crcAt)))}"}`;
  if (line.toString("latin1", crcAt) !== expected) return undefined;
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * The lines that stand whole in bytes that are no line: two records whose newline was damaged, or what follows a damaged one.
 * JSON escapes quotes, so neither a record's beginning nor its end can occur in a string of it.
 */
export function wholeLinesWithin(bytes: Buffer): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  let from = 0;
  for (let crcAt = bytes.indexOf(CRC_KEY); crcAt !== -1; crcAt = bytes.indexOf(CRC_KEY, crcAt + 1)) {
    const end = crcAt + SUFFIX_BYTES;
    const before = bytes.subarray(from, crcAt);
    // The nearest beginning, unless that is one of an object within the record.
    const starts = [before.lastIndexOf(RECORD_START), before.indexOf(RECORD_START)].filter((at) => at !== -1);
    const start = starts.find((at) => decodeLine(bytes.subarray(from + at, end)) !== undefined);
    if (start === undefined) continue;
    found.push({ start: from + start, end });
    from = end;
  }
  return found;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
