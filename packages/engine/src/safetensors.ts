import { readFile } from "node:fs/promises";
import { writeWhole } from "@pka/core/node";
import { CheckpointError } from "./errors.js";

/** A tensor of 32-bit floats, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a safetensors file holds: named tensors and string metadata. */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, FloatTensor>;
}

/** The length of the header: 64 bits, of which no real file uses more than 48. */
const PREFIX_BYTES = 8;

/** The bytes of a file. Equal content gives equal bytes. */
export function encodeSafetensors({ metadata, tensors }: SafetensorsFile): Buffer {
  let end = 0;
  const entries = [...tensors].map(([name, { shape, values }]) => {
    const start = end;
    end += values.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [start, end] }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  // Spaces at its end align the data, which mapping readers rely on.
  const header = Buffer.from(json + " ".repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeBigUInt64LE(BigInt(header.length));
  const data = [...tensors.values()].map(({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return Buffer.concat([prefix, header, ...data]);
}

/** Write a file that appears whole or not at all. */
export async function writeSafetensors(path: string, content: SafetensorsFile): Promise<void> {
  await writeWhole(path, encodeSafetensors(content));
}

/** @throws CheckpointError naming the part of the file that is wrong. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CheckpointError(path, "file", `cannot be read (${String(cause)})`, { cause });
  });
  const length = bytes.length < PREFIX_BYTES ? Infinity : Number(bytes.readBigUInt64LE());
  if (PREFIX_BYTES + length > bytes.length) {
    throw new CheckpointError(
      path,
      "header",
      "is longer than the file: this is no safetensors file, or it was cut off",
    );
  }
  const header = parseHeader(path, bytes.toString("utf8", PREFIX_BYTES, PREFIX_BYTES + length));
  const data = bytes.subarray(PREFIX_BYTES + length);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw new CheckpointError(path, "__metadata__", "is not a table of strings");
  }
  const tensors = Object.entries(entries).map(([name, entry]) => [name, parseTensor(path, name, entry, data)] as const);
  return { metadata: metadata as Record<string, string>, tensors: new Map(tensors) };
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (isRecord(header)) return header;
  } catch {
    // The same error as for JSON that is not a table.
  }
  throw new CheckpointError(path, "header", "is not a JSON table: this is no safetensors file");
}

function parseTensor(path: string, name: string, entry: unknown, data: Buffer): FloatTensor {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (dtype !== "F32") throw new CheckpointError(path, name, `has the type ${String(dtype)}, and must be F32`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new CheckpointError(path, name, "has no valid shape and data_offsets");
  }
  const [start, end] = [offsets[0]!, offsets[1]!];
  const expected = shape.reduce((product, size) => product * size, 4);
  if (end - start !== expected) {
    throw new CheckpointError(path, name, `has ${end - start} bytes, and its shape needs ${expected}`);
  }
  if (end > data.length) throw new CheckpointError(path, name, "lies beyond the end of the file: the file was cut off");
  const values = new Float32Array(expected / 4);
  Buffer.from(values.buffer).set(data.subarray(start, end));
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new CheckpointError(path, name, `element ${wrong} is ${values[wrong]}, not a finite number`);
  return { shape, values };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
