import { type AsyncBuffer, type FileMetaData, parquetSchema, type RowGroup, type SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressBounded } from "./parquet-limits.js";

type PageHeader = ReturnType<typeof parquetHeader>;
type ColumnMetaData = NonNullable<RowGroup["columns"][number]["meta_data"]>;

/** A bit-packed run is padded to whole groups; writers end it after at most 63 groups of 8. */
const PADDING = 504;

/**
 * Check the counts inside the pages of a row group before hyparquet follows them: one flipped bit in a run length is
 * enough to make it fill memory for minutes.
 *
 * @throws Error saying what is wrong.
 */
export async function checkPages(file: AsyncBuffer, metadata: FileMetaData, group: RowGroup): Promise<void> {
  const root = parquetSchema(metadata);
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) throw new Error("a column has no metadata");
    const start = Number(column.dictionary_page_offset || column.data_page_offset);
    const end = start + Number(column.total_compressed_size);
    if (!(start >= 0 && start <= end && end <= file.byteLength)) throw new Error("a column lies outside of the file");
    checkColumn(await file.slice(start, end), column, maxLevels(root, column.path_in_schema));
  }
}

interface Levels {
  readonly repetition: number;
  readonly definition: number;
}

function maxLevels(root: SchemaTree, path: readonly string[]): Levels {
  const levels = { repetition: 0, definition: 0 };
  let node = root;
  for (const name of path) {
    const child = node.children.find(({ element }) => element.name === name);
    if (child === undefined) throw new Error(`the schema has no column ${path.join(".")}`);
    if (child.element.repetition_type === "REPEATED") levels.repetition += 1;
    if (child.element.repetition_type !== "REQUIRED") levels.definition += 1;
    node = child;
  }
  return levels;
}

function checkColumn(bytes: ArrayBuffer, column: ColumnMetaData, levels: Levels): void {
  const reader = { view: new DataView(bytes), offset: 0 };
  let valuesLeft = Number(column.num_values);
  while (reader.offset < bytes.byteLength - 1) {
    const header = parquetHeader(reader);
    const size = header.compressed_page_size;
    if (!(size >= 0 && reader.offset + size <= bytes.byteLength)) throw new Error("a page is longer than its column");
    const page = new Uint8Array(bytes, reader.offset, size);
    reader.offset += size;

    if (header.dictionary_page_header !== undefined) {
      const { num_values: numValues } = header.dictionary_page_header;
      if (!(numValues >= 0 && numValues <= header.uncompressed_page_size)) throw new Error("a dictionary is too long");
      continue;
    }
    const numValues = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
    if (!(numValues >= 0 && numValues <= valuesLeft)) throw new Error("a page declares more values than its column");
    valuesLeft -= numValues;
    checkRuns(page, header, column, levels, numValues);
  }
}

/** The run lengths of levels and dictionary indexes. */
function checkRuns(
  page: Uint8Array,
  header: PageHeader,
  column: ColumnMetaData,
  levels: Levels,
  numValues: number,
): void {
  const v2 = header.data_page_header_v2;
  let values: Uint8Array;
  if (v2 === undefined) {
    values = decompressBounded(page, header.uncompressed_page_size, column.codec);
    for (const level of [levels.repetition, levels.definition]) {
      if (level === 0) continue;
      const length = viewOf(values).getUint32(0, true);
      walkRuns(values.subarray(4, 4 + length), bitWidth(level), numValues, "levels");
      values = values.subarray(4 + length);
    }
  } else {
    const { repetition_levels_byte_length: repetition, definition_levels_byte_length: definition } = v2;
    if (!(repetition >= 0 && definition >= 0 && repetition + definition <= page.length))
      throw new Error("levels are too long");
    if (levels.repetition > 0) walkRuns(page.subarray(0, repetition), bitWidth(levels.repetition), numValues, "levels");
    const definitions = page.subarray(repetition, repetition + definition);
    if (levels.definition > 0) walkRuns(definitions, bitWidth(levels.definition), numValues, "levels");
    const data = page.subarray(repetition + definition);
    const size = header.uncompressed_page_size - repetition - definition;
    values = v2.is_compressed === false ? data : decompressBounded(data, size, column.codec);
  }
  const encoding = (header.data_page_header ?? v2)?.encoding;
  if (encoding?.endsWith("_DICTIONARY") && values.length > 0) {
    const width = values[0]!;
    // With no bits to an index there are no runs: all are zero.
    if (width > 0) walkRuns(values.subarray(1), width, numValues, "indexes");
  }
}

/**
 * Follow a run-length and bit-packing hybrid. Levels have to reach `numValues`; of indexes there are fewer where values are
 * null, and the reader notices by itself when they end early.
 */
function walkRuns(bytes: Uint8Array, width: number, numValues: number, what: "levels" | "indexes"): void {
  let offset = 0;
  let seen = 0;
  while (seen < numValues && offset < bytes.length) {
    let run = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset++] ?? 0;
      run |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const isPacked = (run & 1) === 1;
    const count = isPacked ? (run >>> 1) * 8 : run >>> 1;
    if (count > numValues - seen + (isPacked ? PADDING : 0)) throw new Error(`a run of ${what} is too long`);
    seen += count;
    offset += isPacked ? (count / 8) * width : Math.ceil(width / 8);
  }
  if (what === "levels" && seen < numValues) throw new Error("levels end early");
}

function bitWidth(level: number): number {
  return 32 - Math.clz32(level);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
