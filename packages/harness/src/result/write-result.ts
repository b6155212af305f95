import { closeSync, constants, openSync, readSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Example } from "@pka/core";
import { OutputError } from "../errors.js";
import { decodeLine } from "../journal/line.js";
import { type AttemptRecord, parseRecord } from "../journal/record.js";
import type { RowIndex } from "../row-index.js";
import { syncFolder } from "../sync-folder.js";
import { aggregateMetrics } from "./aggregate-metrics.js";
import { type PkaFields, pkaFields } from "./pka-fields.js";
import { type PythonJsonValue, pythonJson } from "./python-json.js";
import { errorEntries, errorRow, resultRow } from "./rows.js";

const CHUNK_CHARS = 1 << 20;

export interface WriteResultOptions extends PkaFields {
  readonly path: string;
  readonly journalPath: string;
  readonly examples: readonly Example[];
  readonly index: RowIndex;
}

/**
 * Derive the result file from the journal: the bytes that Python's `json.dump(…, indent=2)` would write, rows in dataset order, the
 * paper's fields first and `pka` last. Rows are read back from the journal one at a time, so memory does not grow with the file.
 * The file appears whole or not at all: it is written under another name, synced and renamed.
 *
 * @throws OutputError when it cannot be written; an older file then stays as it was.
 */
export async function writeResult(options: WriteResultOptions): Promise<void> {
  // Whoever writes here holds the journal's lock, so the name needs not be unique and a crash leaves one such file at most.
  const temporary = `${options.path}.tmp`;
  try {
    const file = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0),
      0o666,
    );
    try {
      let text = "";
      for (const piece of resultPieces(options)) {
        text += piece;
        if (text.length < CHUNK_CHARS) continue;
        await writeFully(file, text);
        text = "";
      }
      await writeFully(file, text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, options.path);
    await syncFolder(dirname(options.path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new OutputError(options.path, "cannot write the result file", error);
  }
}

function* resultPieces(options: WriteResultOptions): Generator<string> {
  const { journalPath, examples, samples, index, summary } = options;
  const { aggregateMetrics: aggregates, trailer } = aggregateMetrics(summary.task, index);
  const sample = (row: number) => (samples === 1 ? {} : { sample: row % samples });
  const exampleOf = (row: number) => examples[Math.floor(row / samples)]!;
  const journal = openSync(journalPath, "r");
  try {
    yield "{\n";
    yield* listPieces(
      "results",
      rowsWhere(index, (row) => index.isGraded(row)),
      (row) => [{ ...resultRow(exampleOf(row), readAttempt(journal, journalPath, index, row)), ...sample(row) }],
    );
    yield `,\n  "aggregate_metrics": ${pythonJson(aggregates, 1)},\n`;
    yield* listPieces(
      "errors",
      rowsWhere(index, (row) => index.numErrorEntries[row]! > 0),
      (row) =>
        errorEntries(readAttempt(journal, journalPath, index, row)).map((error) => ({
          ...errorRow(exampleOf(row), error),
          ...sample(row),
        })),
    );
    for (const [key, value] of Object.entries({ ...trailer, pka: pkaFields(options) })) {
      yield `,\n  "${key}": ${pythonJson(value, 1)}`;
    }
    yield "\n}";
  } finally {
    closeSync(journal);
  }
}

function* rowsWhere(index: RowIndex, holds: (row: number) => boolean): Generator<number> {
  for (let row = 0; row < index.numRows; row++) {
    if (holds(row)) yield row;
  }
}

function* listPieces(
  key: string,
  rows: Iterable<number>,
  itemsOf: (row: number) => readonly PythonJsonValue[],
): Generator<string> {
  let isEmpty = true;
  yield `  "${key}": [`;
  for (const row of rows) {
    for (const item of itemsOf(row)) {
      yield `${isEmpty ? "" : ","}\n    ${pythonJson(item, 2)}`;
      isEmpty = false;
    }
  }
  yield isEmpty ? "]" : "\n  ]";
}

function readAttempt(journal: number, path: string, index: RowIndex, row: number): AttemptRecord {
  const offset = index.offsets[row]!;
  const line = Buffer.alloc(index.lengths[row]!);
  readSync(journal, line, 0, line.length, offset);
  const record = parseRecord(decodeLine(line));
  if (typeof record === "string" || record.type !== "attempt") {
    throw new Error(`${path} was changed by someone else at byte ${offset} during the run`);
  }
  return record;
}

async function writeFully(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text, "latin1");
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
