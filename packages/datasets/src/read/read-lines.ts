import { createReadStream } from "node:fs";
import { errorCode } from "@pka/core";
import { DatasetFileError, DatasetRowError } from "../errors.js";

/** One line of a text file, without its "\n". */
export interface Line {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
  /** False for a last line without "\n", which may have been cut. */
  readonly terminated: boolean;
}

/** Far above any real question; a longer line means a wrong or hostile file. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * The lines of a UTF-8 file of any size, one at a time. A byte order mark is dropped, "\r" stays.
 *
 * @throws DatasetFileError when the file cannot be read; DatasetRowError for a line that is not UTF-8 or over 64 MiB.
 */
export async function* readLines(file: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;

  const line = (terminated: boolean): Line => {
    number += 1;
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
    parts = [];
    length = 0;
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch (error) {
      throw new DatasetRowError({ file, row: number }, `line ${number} is not valid UTF-8`, { cause: error });
    }
    if (number === 1 && text.startsWith("\u{feff}")) text = text.slice(1);
    return { text, number, terminated };
  };
  const add = (bytes: Buffer): void => {
    parts.push(bytes);
    length += bytes.length;
    if (length > MAX_LINE_BYTES) {
      throw new DatasetRowError({ file, row: number + 1 }, `line ${number + 1} is longer than 64 MiB`);
    }
  };

  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        add(chunk.subarray(start, end));
        yield line(true);
        start = end + 1;
      }
      if (start < chunk.length) add(chunk.subarray(start));
    }
  } catch (error) {
    if (error instanceof DatasetRowError) throw error;
    throw unreadable(file, error);
  }
  if (length > 0) yield line(false);
}

/** What to throw when the file system refuses a file. */
export function unreadable(file: string, error: unknown): DatasetFileError {
  return new DatasetFileError(file, `cannot be read (${errorCode(error) ?? String(error)})`, {
    cause: error,
  });
}
