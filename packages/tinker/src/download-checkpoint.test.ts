import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGzip, gzipSync } from "node:zlib";
import { temporaryFolder } from "@pka/fault-kit";
import { create, Header } from "tar";
import { expect, test } from "vitest";
import { downloadCheckpoint } from "./download-checkpoint.js";
import { openClient } from "./testing/open-client.js";
import type { StubAnswer } from "./testing/stub-types.js";
import { startTinkerStub } from "./testing/tinker-stub.js";

const PATH = "tinker://s:train:0/weights/a";

/** A client of a service whose archive is `archive`. */
async function serve(archive: Buffer | undefined) {
  const stub = await startTinkerStub({
    answer: ({ path, headers }): StubAnswer | undefined => {
      if (path.endsWith("/archive"))
        return { json: { url: `http://${headers.host}/services/stub/api/v1/files/a.tar` } };
      if (!path.endsWith("/a.tar")) return undefined;
      return archive ? { bytes: archive } : { status: 403, text: "expired" };
    },
  });
  return { stub, rest: openClient(stub).rest, outputDir: temporaryFolder() };
}

/** A tar file of a folder that holds nothing. */
function packNothing(): Promise<Buffer> {
  return toBuffer(create({ cwd: temporaryFolder() }, ["."]));
}

async function toBuffer(archive: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of archive) parts.push(part);
  return Buffer.concat(parts);
}

async function pack(options: { readonly link?: boolean; readonly gzip?: boolean } = {}): Promise<Buffer> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "adapter_config.json"), '{"r":8}');
  writeFileSync(join(folder, "adapter_model.safetensors"), Buffer.alloc(300_000, 7));
  if (options.link) symlinkSync("/etc/passwd", join(folder, "link"));
  return toBuffer(create({ cwd: folder, gzip: options.gzip ?? false }, readdirSync(folder)));
}

test.each([{ gzip: false }, { gzip: true }])("an archive is unpacked into a folder of its own: %o", async (options) => {
  const archive = await pack(options);
  const { stub, rest, outputDir } = await serve(archive);
  const { folder, files, bytes } = await downloadCheckpoint(rest, PATH, { outputDir });
  expect(folder).toBe(join(outputDir, "s_train_0_weights_a"));
  expect(files).toEqual(["adapter_config.json", "adapter_model.safetensors"]);
  expect(bytes).toBe(archive.length);
  expect(readFileSync(join(folder, "adapter_config.json"), "utf8")).toBe('{"r":8}');
  expect(readdirSync(outputDir)).toEqual(["s_train_0_weights_a"]);
  // The key stays with the service.
  expect(stub.to("/files/a.tar")[0]!.headers["x-api-key"]).toBeUndefined();

  await expect(downloadCheckpoint(rest, PATH, { outputDir })).rejects.toThrow(/exists/);
  await downloadCheckpoint(rest, PATH, { outputDir, force: true });
});

/** A tar file of one file, whatever its name. */
function packAs(path: string, content = "x"): Buffer {
  const header = new Header({ path, size: content.length, type: "File", mode: 0o644 });
  header.encode();
  const body = Buffer.alloc(512);
  body.write(content);
  return Buffer.concat([header.block!, body, Buffer.alloc(1024)]);
}

/** 128 MB of zeros in one file: 128 kB of gzip. */
async function packBomb(): Promise<Buffer> {
  const megabytes = 128;
  const header = new Header({ path: "weights", size: megabytes * 2 ** 20, type: "File", mode: 0o644 });
  header.encode();
  const gzip = createGzip();
  gzip.write(header.block!);
  const zeros = Buffer.alloc(2 ** 20);
  const write = async () => {
    for (let i = 0; i < megabytes; i++) {
      if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once("drain", resolve));
    }
    gzip.end(Buffer.alloc(1024));
  };
  const [packed] = await Promise.all([toBuffer(gzip), write()]);
  return packed;
}

test.each([
  { name: "a link in it", archive: () => pack({ link: true }), message: /holds a link or device, link/ },
  { name: "nothing in it", archive: packNothing, message: /is empty/ },
  { name: "no archive there", archive: () => Promise.resolve(undefined), message: /answered 403/ },
  {
    name: "half of it",
    archive: async () => (await pack({ gzip: true })).subarray(0, 300),
    message: /could not be unpacked/,
  },
  {
    name: "a path upwards",
    archive: () => Promise.resolve(packAs("../escaped")),
    message: /could not be unpacked: .*\.\./,
  },
  {
    name: "an absolute path",
    archive: () => Promise.resolve(packAs("/tmp/escaped")),
    message: /could not be unpacked/,
  },
  { name: "a bomb", archive: packBomb, message: /more than 100 times its size/ },
  {
    name: "an archive in an archive",
    archive: async () => gzipSync(await pack({ gzip: true })),
    message: /compressed twice/,
  },
  { name: "a web page", archive: () => Promise.resolve(Buffer.from("<html>")), message: /could not be unpacked/ },
])("$name: an error, and nothing is left behind", async ({ archive, message }) => {
  const { rest, outputDir } = await serve(await archive());
  await expect(downloadCheckpoint(rest, PATH, { outputDir })).rejects.toThrow(message);
  expect(readdirSync(outputDir)).toEqual([]);
});
