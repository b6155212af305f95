import type { CompressionCodec, Compressors, FileMetaData } from "hyparquet";
import { compressors, decompressZstd } from "hyparquet-compressors";
import { DatasetFileError } from "../errors.js";

const MIB = 1024 * 1024;
/** Several times what the largest real file needs, far below what hurts. */
const MAX_PAGE_BYTES = 256 * MIB;
const MAX_CHUNK_BYTES = 1024 * MIB;
const MAX_GROUP_ROWS = 5_000_000;
const CODECS: readonly CompressionCodec[] = ["SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4", "LZ4_RAW"];

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

/**
 * Decompress one page into room of its declared size, after a look at that size.
 *
 * @throws Error for a size beyond the limit, an unknown codec, or content that is not what was declared.
 */
export function decompressBounded(page: Uint8Array, size: number, codec: CompressionCodec): Uint8Array {
  if (!(size >= 0 && size <= MAX_PAGE_BYTES)) {
    throw new Error(`a page declares ${size} bytes; the limit is ${MAX_PAGE_BYTES}`);
  }
  if (codec === "UNCOMPRESSED") return page;
  // Without a buffer of the declared size, zstd believes the size in its own frame.
  if (codec === "ZSTD") return decompressZstd(page, new Uint8Array(size));
  const decompress = compressors[codec];
  if (decompress === undefined) throw new Error(`codec ${codec} is not supported`);
  return decompress(page, size);
}

/** hyparquet's decompressors with {@link decompressBounded} before each. */
export const boundedCompressors: Compressors = Object.fromEntries(
  CODECS.map((codec) => [codec, (page: Uint8Array, size: number) => decompressBounded(page, size, codec)]),
);
