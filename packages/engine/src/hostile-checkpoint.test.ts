import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "@pka/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { CheckpointError } from "./errors.js";

const SHAPE = { hiddenSize: 16, numLayers: 1, numHeads: 2, feedForwardSize: 16, contextLength: 32 };
const checkpoint = freshCheckpoint([" one", " two", "?"], SHAPE, 3);
let folder: string;
let bytes: Buffer;
let header: Record<string, Record<string, unknown>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pka-hostile-checkpoint-"));
  await writeCheckpoint(join(folder, "model.safetensors"), checkpoint);
  bytes = await readFile(join(folder, "model.safetensors"));
  header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE())));
});
afterAll(() => rm(folder, { recursive: true }));

/** What becomes of a file of these bytes: an error of ours, or a checkpoint of the written shape. */
async function read(content: Uint8Array): Promise<"refused" | "read"> {
  const path = join(folder, "hostile.safetensors");
  await writeFile(path, content);
  try {
    const { weights } = await readCheckpoint(path);
    expect(weights).toHaveLength(checkpoint.weights.length);
    expect(weights.every(Number.isFinite)).toBe(true);
    return "read";
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as CheckpointError).message).toContain(path);
    return "refused";
  }
}

function withHeader(changed: object): Buffer {
  const json = Buffer.from(JSON.stringify(changed));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([prefix, json, bytes.subarray(8 + Number(bytes.readBigUInt64LE()))]);
}

test("other formats, one of which runs code when it is loaded, are refused", async () => {
  const pickle = Buffer.from("80027d710058010000006171014b01732e", "hex");
  const zip = Buffer.concat([Buffer.from("504b0304", "hex"), pickle]);
  const formats = [pickle, zip, Buffer.from("GGUF\x03\0\0\0"), Buffer.from("<html></html>"), Buffer.from("{}")];
  for (const content of [...formats, Buffer.alloc(0), Buffer.alloc(8), Buffer.alloc(8, 255)]) {
    expect(await read(content)).toBe("refused");
  }
});

test("cut anywhere: refused", async () => {
  for (let end = 0; end < bytes.length; end += 97) expect(await read(bytes.subarray(0, end))).toBe("refused");
});

test("a flipped bit gives an error of ours or a model of the same shape", async () => {
  const random = new Random(1);
  const seen = new Set<string>();
  for (let n = 0; n < 300; n++) {
    const content = Buffer.from(bytes);
    // Half of them in the header, which is a small part of the file.
    const end = n % 2 === 0 ? 8 + Number(bytes.readBigUInt64LE()) : bytes.length;
    const at = Math.floor(random.next() * end);
    content[at]! ^= 1 << Math.floor(random.next() * 8);
    seen.add(await read(content));
  }
  expect(seen).toEqual(new Set(["refused", "read"]));
});

const VALUES: unknown[] = [null, -1, 0.5, 1e9, 2 ** 40, 1e300, "x", "__proto__", [], [-1], [2 ** 50, 0], {}, true];

test("any value in the place of another in the header: refused, before anything of that size is allocated", async () => {
  const { __metadata__: metadata, ...tensors } = header;
  const config = JSON.parse(String(metadata!["config"])) as object;
  for (const value of VALUES) {
    for (const key of Object.keys(metadata!)) {
      if (key === "seed") continue;
      expect.soft(await read(withHeader({ ...header, __metadata__: { ...metadata, [key]: value } }))).toBe("refused");
      const text = { ...metadata, [key]: JSON.stringify(value) };
      expect
        .soft(await read(withHeader({ ...header, __metadata__: text })), `${key} ${JSON.stringify(value)}`)
        .toBe("refused");
    }
    for (const key of Object.keys(config)) {
      const text = { ...metadata, config: JSON.stringify({ ...config, [key]: value }) };
      expect.soft(await read(withHeader({ ...header, __metadata__: text })), text.config).toBe("refused");
    }
    const [name, tensor] = Object.entries(tensors)[0]!;
    for (const key of Object.keys(tensor)) {
      const changed = { ...header, [name]: { ...tensor, [key]: value } };
      expect.soft(await read(withHeader(changed)), JSON.stringify(changed[name])).toBe("refused");
    }
  }
});

test("a config that is allowed, of a model larger than any memory: refused", async () => {
  const metadata = header["__metadata__"]!;
  const huge = { numLayers: 128, numHeads: 2, hiddenSize: 16_384, feedForwardSize: 65_536, contextLength: 65_536 };
  const config = JSON.stringify({ ...checkpoint.config, ...huge });
  expect(await read(withHeader({ ...header, __metadata__: { ...metadata, config } }))).toBe("refused");
});
