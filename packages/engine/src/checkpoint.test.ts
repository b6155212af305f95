import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Checkpoint, freshCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { loraLayout } from "./lora.js";

const SHAPE = { hiddenSize: 16, numLayers: 1, numHeads: 2, feedForwardSize: 16, contextLength: 32 };
let folder: string;
let file: string;
const checkpoint = freshCheckpoint([" one", " two", "?"], SHAPE, 3);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pka-engine-"));
  file = join(folder, "model.safetensors");
  await writeCheckpoint(file, checkpoint);
});
afterAll(() => rm(folder, { recursive: true }));

/** The file's header as JSON and what follows it. */
async function takeApart(): Promise<{ header: Record<string, Record<string, unknown>>; data: Buffer }> {
  const bytes = await readFile(file);
  const end = 8 + Number(bytes.readBigUInt64LE());
  return { header: JSON.parse(bytes.toString("utf8", 8, end)), data: bytes.subarray(end) };
}

/** A copy of the file with another header. */
async function writeChanged(change: (header: Record<string, Record<string, unknown>>) => void): Promise<string> {
  const { header, data } = await takeApart();
  change(header);
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder, "changed.safetensors");
  await writeFile(path, Buffer.concat([prefix, json, data]));
  return path;
}

test("what is written is read back bit for bit: weights, adapters, optimizer", async () => {
  const { length } = loraLayout(checkpoint.config, { rank: 3 });
  const random = (): Float32Array => Float32Array.from({ length }, () => Math.random() - 0.5);
  const full: Checkpoint = {
    ...checkpoint,
    lora: { config: { rank: 3, alpha: 16, matrices: "all" }, adapters: random() },
    optimizer: { step: 7, first: random(), second: random() },
  };
  const path = join(folder, "deep", "er", "full.safetensors");
  await writeCheckpoint(path, full);
  expect(await readCheckpoint(path)).toEqual(full);
  expect(await readCheckpoint(file)).toEqual(checkpoint);
  expect(await readdir(join(folder, "deep", "er"))).toEqual(["full.safetensors"]);
});

test("the file is laid out as the safetensors format says: aligned header, named F32 tensors end to end", async () => {
  const { header, data } = await takeApart();
  expect(data.byteOffset % 8).toBe(0);
  const { __metadata__: metadata, ...tensors } = header;
  expect(metadata).toMatchObject({ format: "pka-engine/1", seed: "3" });
  let end = 0;
  for (const { dtype, shape, data_offsets: offsets } of Object.values(tensors)) {
    const length = (shape as number[]).reduce((product, size) => product * size, 4);
    expect({ dtype, offsets }).toEqual({ dtype: "F32", offsets: [end, end + length] });
    end += length;
  }
  expect(end).toBe(data.length);
});

test("equal checkpoints give equal bytes", async () => {
  const again = join(folder, "again.safetensors");
  await writeCheckpoint(again, freshCheckpoint([" one", " two", "?"], SHAPE, 3));
  expect(await readFile(again)).toEqual(await readFile(file));
});

const WRONG: [
  name: string,
  change: (header: Record<string, Record<string, unknown>>) => void,
  field: string,
  problem: string,
][] = [
  ["another tool's file", (h) => delete h["__metadata__"], "format", 'is missing, and must be "pka-engine/1"'],
  ["a later format", (h) => (h["__metadata__"]!["format"] = "pka-engine/9"), "format", 'is "pka-engine/9"'],
  [
    "metadata that is no table of strings",
    (h) => (h["__metadata__"]!["seed"] = 3),
    "__metadata__",
    "not a table of strings",
  ],
  ["no config", (h) => delete h["__metadata__"]!["config"], "config", "is missing"],
  ["a config that is no table", (h) => (h["__metadata__"]!["config"] = "null"), "config", "is not valid"],
  ["an impossible config", (h) => (h["__metadata__"]!["config"] = '{"vocabSize":0}'), "config", "vocabSize is 0"],
  [
    "a shorter vocabulary",
    (h) => (h["__metadata__"]!["words"] = "[]"),
    "words",
    "makes 261 tokens, and the config says 264",
  ],
  ["adapters of an impossible rank", (h) => (h["__metadata__"]!["lora"] = '{"rank":0,"alpha":1}'), "lora", "rank is 0"],
  ["an optimizer step that is no number", (h) => (h["__metadata__"]!["step"] = "x"), "step", '"x", not a whole number'],
  [
    "an optimizer step without moments",
    (h) => (h["__metadata__"]!["step"] = "4"),
    "adam.first.layers.0.attention.norm",
    "is missing",
  ],
  ["a missing tensor", (h) => delete h["norm"], "norm", "is missing"],
  ["another type", (h) => (h["norm"]!["dtype"] = "BF16"), "norm", "has the type BF16, and must be F32"],
  ["another shape", (h) => (h["norm"]!["shape"] = [2, 8]), "norm", "has the shape [2, 8], and must be [16]"],
  [
    "offsets that do not fit the shape",
    (h) => (h["norm"]!["data_offsets"] = [0, 4]),
    "norm",
    "has 4 bytes, and its shape needs 64",
  ],
  [
    "offsets beyond the file",
    (h) => (h["norm"]!["data_offsets"] = [999_936, 1_000_000]),
    "norm",
    "beyond the end of the file",
  ],
  ["no offsets", (h) => delete h["norm"]!["data_offsets"], "norm", "has no valid shape and data_offsets"],
];

test.each(WRONG)("refuses %s, naming file and field", async (_name, change, field, problem) => {
  const path = await writeChanged(change);
  await expect(readCheckpoint(path)).rejects.toMatchObject({
    code: "checkpoint_invalid",
    file: path,
    field,
    message: expect.stringContaining(`${path}: ${field}: `),
    problem: expect.stringContaining(problem),
  });
});

test.each([
  ["an empty file", () => Buffer.alloc(0), "header"],
  ["text", () => Buffer.from("hello, I am no checkpoint at all"), "header"],
  ["a header that is no JSON", () => Buffer.from("\u0002\0\0\0\0\0\0\0{]"), "header"],
  ["a file cut off in the header", (bytes: Buffer) => bytes.subarray(0, 300), "header"],
  ["a file cut off in the data", (bytes: Buffer) => bytes.subarray(0, bytes.length - 4), "embedding"],
  [
    "weights that are not numbers",
    (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -4), Buffer.from([0, 0, 192, 127])]),
    "embedding",
  ],
])("refuses %s", async (_name, damage, field) => {
  const path = join(folder, "damaged.safetensors");
  await writeFile(path, damage(await readFile(file)));
  await expect(readCheckpoint(path)).rejects.toMatchObject({ code: "checkpoint_invalid", file: path, field });
});

test("refuses a file that is not there", async () => {
  const path = join(folder, "absent.safetensors");
  await expect(readCheckpoint(path)).rejects.toMatchObject({ code: "checkpoint_invalid", file: path, field: "file" });
});
