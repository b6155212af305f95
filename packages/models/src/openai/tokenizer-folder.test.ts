import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelError, UsageError } from "@pka/core";
import { startStubServer, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { tokenizerFolder, type TokenizerSource } from "./tokenizer-folder.js";

const REPOSITORY = "allenai/Olmo-3-7B-Think";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

async function source(
  more: Partial<TokenizerSource> = {},
): Promise<TokenizerSource & { readonly hubCacheDir: string }> {
  const folder = temporaryFolder();
  return {
    endpoint: "http://127.0.0.1:9",
    offline: true,
    token: undefined,
    cacheDir: join(folder, "onnx"),
    ...more,
    hubCacheDir: join(folder, "hub"),
  };
}

async function pythonCache(hubCacheDir: string, files: readonly string[]): Promise<string> {
  const cached = join(hubCacheDir, "models--allenai--Olmo-3-7B-Think");
  const snapshot = join(cached, "snapshots", COMMIT);
  await mkdir(join(cached, "refs"), { recursive: true });
  await mkdir(snapshot, { recursive: true });
  await writeFile(join(cached, "refs", "main"), `${COMMIT}\n`);
  for (const name of files) await writeFile(join(snapshot, name), "{}");
  return snapshot;
}

test("a folder is itself", async () => {
  const folder = temporaryFolder();
  expect(await tokenizerFolder(folder, await source())).toBe(folder);
});

test("what is neither a folder nor a repository is refused", async () => {
  await expect(tokenizerFolder("../no/such/folder", await source())).rejects.toThrow(UsageError);
});

test("a repository in the cache of huggingface_hub is found there, offline", async () => {
  const from = await source();
  const snapshot = await pythonCache(from.hubCacheDir, ["tokenizer.json", "tokenizer_config.json"]);
  expect(await tokenizerFolder(REPOSITORY, from)).toBe(snapshot);
});

test("a cache without all tokenizer files does not count", async () => {
  const from = await source();
  await pythonCache(from.hubCacheDir, ["tokenizer.json"]);
  await expect(tokenizerFolder(REPOSITORY, from)).rejects.toThrow(/nothing is downloaded in offline mode/);
});

test("a hub that is not reached is a failed connection", async () => {
  const server = await startStubServer(() => ({}));
  await server.close();
  const failure = tokenizerFolder(REPOSITORY, await source({ offline: false, endpoint: new URL(server.url).origin }));
  await expect(failure).rejects.toThrow(ModelError);
  await expect(failure).rejects.toMatchObject({ kind: "connection" });
});

test("otherwise it is downloaded, once", async () => {
  const server = await startStubServer(({ path }) =>
    path.endsWith(".json") ? { status: 200, body: JSON.stringify({ path }) } : { status: 404, body: "" },
  );
  const from = await source({ offline: false, endpoint: new URL(server.url).origin });
  const folder = await tokenizerFolder(REPOSITORY, from);
  expect(JSON.parse(await readFile(join(folder, "tokenizer.json"), "utf8"))).toEqual({
    path: `/${REPOSITORY}/resolve/main/tokenizer.json`,
  });
  expect(await tokenizerFolder(REPOSITORY, { ...from, offline: true })).toBe(folder);
  await server.close();
});
