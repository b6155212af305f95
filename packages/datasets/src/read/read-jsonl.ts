import { DatasetRowError } from "../errors.js";
import type { SourceRow } from "../parse-row.js";
import { readLines } from "./read-lines.js";

/** The rows of a file with one JSON value per line. Blank lines are skipped but counted. @throws DatasetRowError naming the line. */
export async function* readJsonl(file: string): AsyncGenerator<SourceRow> {
  for await (const { text, number, terminated } of readLines(file)) {
    if (text.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const hint = terminated ? "" : "; it is the last line and does not end in a line break: is the file complete?";
      throw new DatasetRowError({ file, row: number }, `line ${number} is not valid JSON${hint}`, { cause: error });
    }
    yield { value, file, row: number };
  }
}
