import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { readBytes } from "./read-bytes.js";

async function lengthOf(content: Uint8Array): Promise<number> {
  const folder = temporaryFolder();
  const path = join(folder, "a.json.gz");
  writeFileSync(path, content);
  let length = 0;
  for await (const chunk of readBytes(path)) length += chunk.length;
  return length;
}

test("a gzip file of 60 MB is read, whatever its ratio", async () => {
  expect(await lengthOf(gzipSync(Buffer.alloc(60e6)))).toBe(60e6);
});

test("one of 80 MB that is a thousand times its size is refused, and one that is not packed is read", async () => {
  await expect(lengthOf(gzipSync(Buffer.alloc(80e6)))).rejects.toThrow(
    "a.json.gz: cannot read the file: it unpacks to",
  );
  expect(await lengthOf(Buffer.alloc(80e6))).toBe(80e6);
});
