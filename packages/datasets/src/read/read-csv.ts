import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { quote } from "@pka/core";
import { CsvError, parse } from "csv-parse";
import { DatasetFileError, DatasetRowError } from "../errors.js";
import type { SourceRow } from "../parse-row.js";
import { readLines } from "./read-lines.js";

/**
 * The rows of a CSV file with a header, as objects of the named columns; other columns are dropped.
 *
 * @throws DatasetFileError when a column is missing; DatasetRowError for a ragged row or a quote that never closes.
 */
export async function* readCsv(file: string, columns: readonly string[]): AsyncGenerator<SourceRow> {
  const parser = parse({ skip_empty_lines: true, max_record_size: 64 * 1024 * 1024 });
  const feeding = pipeline(Readable.from(textOf(file)), parser);
  // A failure ends the loop below as well; it is thrown there.
  feeding.catch(() => {});

  let indexes: number[] | undefined;
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (indexes === undefined) {
        indexes = columnIndexes(file, record, columns);
        continue;
      }
      row += 1;
      const value = Object.fromEntries(columns.map((column, i) => [column, record[indexes![i]!]]));
      yield { value, file, row };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Rows before the bad one may not have come out of the stream yet. The header counts as a record.
    throw new DatasetRowError({ file, row: parser.info.records }, `is not valid CSV: ${error.message}`, {
      cause: error,
    });
  }
}

/** csv-parse takes text as it comes; decoding line by line is what lets a bad byte name its line. */
async function* textOf(file: string): AsyncGenerator<string> {
  let pending = "";
  for await (const { text, terminated } of readLines(file)) {
    pending += terminated ? `${text}\n` : text;
    // Every chunk has its price in a stream.
    if (pending.length < 1 << 16) continue;
    yield pending;
    pending = "";
  }
  yield pending;
}

function columnIndexes(file: string, header: readonly string[], columns: readonly string[]): number[] {
  return columns.map((column) => {
    const index = header.indexOf(column);
    if (index === -1) {
      throw new DatasetFileError(file, `has no column "${column}"; its first line names ${quote(header.join(", "))}`);
    }
    return index;
  });
}
