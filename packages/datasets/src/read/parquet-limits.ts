import type { Compressors, FileMetaData } from "hyparquet";
import { compressors, decompressZstd } from "hyparquet-compressors";
import { DatasetFileError } from "../errors.js";

const MIB = 1024 * 1024;
/** Several times what the largest real file needs, far below what hurts. */
const MAX_PAGE_BYTES = 256 * MIB;
const MAX_CHUNK_BYTES = 1024 * MIB;
const MAX_GROUP_ROWS = 5_000_000;

/**
 * Refuse a file whose own metadata promises more than a dataset ever holds, before anything is decoded.
 *
 * @throws DatasetFileError
 */
export function checkDeclaredSizes(file: string, metadata: FileMetaData): void {
  for (const [index, group] of metadata.row_groups.entries()) {
    const name = `row group ${index + 1}`;
    const rows = Number(group.num_rows);
    if (!(rows >= 0 && rows <= MAX_GROUP_ROWS)) {
      throw new DatasetFileError(file, `${name} declares ${rows} rows; the limit is ${MAX_GROUP_ROWS}`);
    }
    for (const { meta_data: column } of group.columns) {
      const bytes = Number(column?.total_uncompressed_size ?? 0);
      if (!(bytes <= MAX_CHUNK_BYTES)) {
        throw new DatasetFileError(
          file,
          `${name} declares ${bytes} bytes for column ${column?.path_in_schema.join(".")}; the limit is ${MAX_CHUNK_BYTES}`,
        );
      }
    }
  }
}

/** hyparquet's decompressors, which look at a page's declared size before they make room for it. */
export const boundedCompressors: Compressors = Object.fromEntries(
  Object.entries({
    ...compressors,
    // Without a buffer of the declared size, zstd believes the size in its own frame.
    ZSTD: (input: Uint8Array, size: number) => decompressZstd(input, new Uint8Array(size)),
  }).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, size: number): Uint8Array => {
      if (!(size >= 0 && size <= MAX_PAGE_BYTES)) {
        throw new Error(`a page declares ${size} bytes; the limit is ${MAX_PAGE_BYTES}`);
      }
      return decompress(input, size);
    },
  ]),
);
