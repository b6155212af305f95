import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { messageOf } from "@pka/core";
import { DatasetFileError } from "../errors.js";
import type { SourceRow } from "../parse-row.js";
import { checkPages } from "./check-pages.js";
import { boundedCompressors, checkDeclaredSizes } from "./parquet-limits.js";
import { pruneColumns } from "./prune-columns.js";
import { unreadable } from "./read-lines.js";

/**
 * The rows of a parquet file as objects, read one row group at a time. Only the named leaf columns are read.
 * A string that is not UTF-8 arrives as its bytes, so that the row that holds it can be named.
 *
 * @param columns - Paths of columns, such as `question` or `answer.normalized_aliases`.
 * @param optional - Paths of columns that a file may lack.
 * @throws DatasetFileError when the file is corrupt, lacks a column, or declares sizes beyond the limits.
 */
export async function* readParquet(
  file: string,
  columns: readonly string[],
  optional: readonly string[] = [],
): AsyncGenerator<SourceRow> {
  const { buffer, metadata } = await open(file, columns, optional);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: Record<string, unknown>[];
    try {
      await checkPages(buffer, metadata, group);
      rows = await parquetReadObjects({
        file: buffer,
        metadata,
        rowStart,
        rowEnd,
        compressors: boundedCompressors,
        parsers: { stringFromBytes: decodeUtf8 },
      });
    } catch (error) {
      throw new DatasetFileError(file, `rows ${rowStart + 1} to ${rowEnd} cannot be read: ${messageOf(error)}`, {
        cause: error,
      });
    }
    for (const [index, value] of rows.entries()) yield { value, file, row: rowStart + index + 1 };
    rowStart = rowEnd;
  }
}

/** The file and as much of its metadata as concerns the columns. */
async function open(file: string, columns: readonly string[], optional: readonly string[]) {
  const buffer = await asyncBufferFromFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const metadata = pruneColumns(file, await parquetMetadataAsync(buffer, { geoparquet: false }), columns, optional);
    checkDeclaredSizes(file, metadata);
    return { buffer, metadata };
  } catch (error) {
    if (error instanceof DatasetFileError) throw error;
    throw new DatasetFileError(file, `is not a readable parquet file: ${messageOf(error)}`, { cause: error });
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array | undefined): string | Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes;
  }
}
