import { readFile, stat } from "node:fs/promises";
import { quote } from "@pka/core";
import { DatasetFileError } from "../errors.js";
import type { SourceRow } from "../parse-row.js";
import { unreadable } from "./read-lines.js";

/** JSON has to be in memory as a whole, and V8 has no string beyond 512 MiB. */
const MAX_BYTES = 256 * 1024 * 1024;

/** The rows of a file that is one JSON array. @throws DatasetFileError when it is anything else. */
export async function* readJsonArray(file: string): AsyncGenerator<SourceRow> {
  const bytes = await readWhole(file);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DatasetFileError(file, "is not valid UTF-8", { cause: error });
  }
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new DatasetFileError(file, `is not valid JSON; is it complete? (${quote(String(error))})`, {
      cause: error,
    });
  }
  if (!Array.isArray(rows)) throw new DatasetFileError(file, "should be one JSON array of rows");
  for (const [index, value] of rows.entries()) yield { value, file, row: index + 1 };
}

async function readWhole(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new DatasetFileError(file, `has ${size} bytes; at most 256 MiB of JSON can be read`);
    return await readFile(file);
  } catch (error) {
    throw error instanceof DatasetFileError ? error : unreadable(file, error);
  }
}
