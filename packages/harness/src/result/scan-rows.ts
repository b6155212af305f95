import { strip } from "@pka/grading";
import { PkaError } from "@pka/core";
import { detectFormat } from "./detect-format.js";
import { MAX_VALUE_BYTES, ObjectSplitter, ResultFileError } from "./object-splitter.js";
import { readBytes } from "./read-bytes.js";
import { splitLines } from "./split-lines.js";

/** Lines that are not JSON are listed up to this number, and counted beyond. */
const MAX_LISTED_LINES = 100;

/** One piece of a file of rows, in the order of the file. */
export type RowEntry =
  | { readonly type: "row"; readonly value: unknown }
  /** Another value at the top level of a document, such as `aggregate_metrics`, or one item of a list there, such as `errors`. */
  | { readonly type: "field"; readonly key: string; readonly value: unknown }
  /** Lines that are not JSON and were skipped; comes last. */
  | {
      readonly type: "skipped";
      readonly count: number;
      /** 1-based; at most 100. */ readonly lines: readonly number[];
    };

/**
 * The rows of a result file, a bare JSON list, JSON lines or a single row, also gzipped, as a stream. Entries come in
 * batches of what was read at once. Nothing about their shape has been checked. Of two equal keys in a row the last counts.
 *
 * @param options.lenient - As the paper's loader: a damaged document is read line by line, and lines that are not JSON are skipped
 * however many there are. Without it, more bad lines than good ones are an error.
 * @throws ResultFileError naming the byte. @throws OutputError when the file cannot be read.
 */
export async function* scanRows(
  path: string,
  options: { readonly lenient?: boolean } = {},
): AsyncGenerator<readonly RowEntry[]> {
  const { lenient = false } = options;
  const { format, problem } = await detectFormat(path);
  if (format === "document" && (!lenient || (await isWholeDocument(path)))) yield* scanDocument(path);
  else yield* scanLines(path, { lenient, problem });
}

async function isWholeDocument(path: string): Promise<boolean> {
  try {
    for await (const _ of scanDocument(path));
    return true;
  } catch (error) {
    if (error instanceof ResultFileError) return false;
    throw error;
  }
}

async function* scanDocument(path: string): AsyncGenerator<readonly RowEntry[]> {
  const splitter = new ObjectSplitter(path, { allowList: true });
  for await (const chunk of readBytes(path)) {
    yield splitter.push(chunk).map(({ key, index, value }) => {
      const isRow = index !== null && (key === "results" || (key === "" && splitter.isList));
      return isRow ? { type: "row", value } : { type: "field", key, value };
    });
  }
  splitter.end();
  if (!splitter.isList && !splitter.keys.has("results")) yield [{ type: "row", value: await wholeValue(path) }];
}

/** The one value of a file that holds a single row. */
async function wholeValue(path: string): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readBytes(path)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_VALUE_BYTES)
      throw new ResultFileError(path, size, "it has no results, and is too large for one row");
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

async function* scanLines(
  path: string,
  { lenient, problem }: { lenient: boolean; problem: PkaError | undefined },
): AsyncGenerator<readonly RowEntry[]> {
  const skipped: number[] = [];
  let numSkipped = 0;
  let numRows = 0;
  let number = 0;
  for await (const bytes of splitLines(path, readBytes(path))) {
    number += 1;
    const line = strip(bytes.toString("utf8"));
    if (line === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      numSkipped += 1;
      if (skipped.length < MAX_LISTED_LINES) skipped.push(number);
      continue;
    }
    numRows += 1;
    yield [{ type: "row", value }];
  }
  if (numSkipped === 0) return;
  if (!lenient && numSkipped > numRows) {
    throw problem ?? new ResultFileError(path, 0, `${numSkipped} of ${number} lines are not JSON`);
  }
  yield [{ type: "skipped", count: numSkipped, lines: skipped }];
}
