import { readdirSync } from "node:fs";
import { lstat, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, onTestFinished, test } from "vitest";
import { type Handler, startServer } from "../testing/http-server.js";
import { sha256 } from "../testing/hub-server.js";
import { DatasetFileError, DownloadError } from "../errors.js";
import { loadDataset } from "../load-dataset.js";
import { COMMIT, failure, hotpot, hub, LATER_COMMIT, LONG, PATH, questions, REPO } from "../testing/hotpot-hub.js";

test("a download lands in the cache as Python's huggingface_hub lays it out", async () => {
  const { state, repo, load } = await hub();
  const { fingerprint, ...dataset } = await load();
  expect(questions({ fingerprint, ...dataset })).toEqual(["one", "two"]);
  expect(fingerprint).toMatchObject({ source: `hf://datasets/${REPO}`, revision: COMMIT });

  const hash = sha256(state.files.get(`${REPO}/${PATH}`)!);
  expect(await readFile(join(repo, "refs", "main"), "utf8")).toBe(COMMIT);
  expect(await readFile(join(repo, "blobs", hash))).toEqual(state.files.get(`${REPO}/${PATH}`));
  expect(readdirSync(join(repo, "blobs"))).toEqual([hash]);
  const pointer = join(repo, "snapshots", COMMIT, ...PATH.split("/"));
  if (process.platform !== "win32") {
    expect((await lstat(pointer)).isSymbolicLink()).toBe(true);
    expect(await readlink(pointer)).toBe(join("..", "..", "..", "blobs", hash));
  }
});

test("the second load asks for nothing but whether the file is still the same", async () => {
  const { server, load } = await hub();
  const first = await load();
  server.requests.length = 0;
  expect(await load()).toEqual(first);
  expect(server.requests.map(({ method }) => method)).toEqual(["HEAD"]);
});

test("the second load works with the network cut, and says so", async () => {
  const { server, warnings, load } = await hub();
  const first = await load();
  await server.close();
  expect(await load()).toEqual(first);
  expect(warnings).toContainEqual(expect.stringMatching(/ECONNREFUSED.*using the copy in the cache/));
});

test("a revision that is a commit is never asked for again", async () => {
  const { server, load } = await hub();
  await load({ hub: { revision: COMMIT } });
  server.requests.length = 0;
  await load({ hub: { revision: COMMIT } });
  expect(server.requests).toEqual([]);
});

test("offline: what is in the cache loads without a request; what is not is an error that says what to do", async () => {
  const { server, load } = await hub();
  const error = await failure(load({ hub: { offline: true } }));
  expect(error).toBeInstanceOf(DownloadError);
  expect(String(error)).toMatch(/validation-00000-of-00001\.parquet: is not in the cache .*HF_HUB_OFFLINE=0/);
  expect(server.requests).toEqual([]);

  const first = await load();
  server.requests.length = 0;
  expect(await load({ hub: { offline: true } })).toEqual(first);
  expect(server.requests).toEqual([]);
});

test("when the repository moves on, the new commit is loaded and the old one stays", async () => {
  const { state, repo, load } = await hub();
  await load();
  state.commit = LATER_COMMIT;
  state.files.set(`${REPO}/${PATH}`, hotpot("three"));
  const { fingerprint, ...later } = await load();
  expect(questions({ fingerprint, ...later })).toEqual(["three"]);
  expect(fingerprint.revision).toBe(LATER_COMMIT);
  expect(questions(await load({ hub: { offline: true, revision: COMMIT } }))).toEqual(["one", "two"]);
  expect(await readFile(join(repo, "refs", "main"), "utf8")).toBe(LATER_COMMIT);
});

test("a repository cut into other shards is found by listing it, all shards from one commit", async () => {
  const files = new Map([
    [`${REPO}/fullwiki/validation-00000-of-00002.parquet`, hotpot("one")],
    [`${REPO}/fullwiki/validation-00001-of-00002.parquet`, hotpot("two", "three")],
    [`${REPO}/fullwiki/train-00000-of-00001.parquet`, hotpot("another split")],
  ]);
  const { server, load } = await hub({ files });
  expect(questions(await load())).toEqual(["one", "two", "three"]);
  const second = server.requests.find(({ path }) => path.includes("validation-00001"));
  expect(second?.path).toContain(`/resolve/${COMMIT}/`);
  expect(questions(await load({ hub: { offline: true } }))).toEqual(["one", "two", "three"]);
});

test("a shard that is missing from the cache makes the split absent, not shorter", async () => {
  const files = new Map([
    [`${REPO}/fullwiki/validation-00000-of-00002.parquet`, hotpot("one")],
    [`${REPO}/fullwiki/validation-00001-of-00002.parquet`, hotpot("two")],
  ]);
  const { repo, load } = await hub({ files });
  await load();
  await rm(join(repo, "blobs", sha256(hotpot("two"))));
  expect(await failure(load({ hub: { offline: true } }))).toBeInstanceOf(DownloadError);
  expect(questions(await load())).toEqual(["one", "two"]);
});

test("progress counts the bytes of the file", async () => {
  const { load } = await hub({ files: new Map([[`${REPO}/${PATH}`, LONG]]) });
  const seen: { file: string; doneBytes: number; totalBytes: number | null }[] = [];
  await load({ onProgress: (progress) => void seen.push(progress) });
  expect(new Set(seen.map(({ file, totalBytes }) => `${file} ${totalBytes}`))).toEqual(
    new Set([`${REPO}/${PATH} ${LONG.length}`]),
  );
  const done = seen.map(({ doneBytes }) => doneBytes);
  expect(done[0]).toBe(0);
  expect(done.at(-1)).toBe(LONG.length);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
});

test("a cache that cannot be written to is named", async () => {
  const { load } = await hub();
  const cacheDir = join(temporaryFolder({ file: "not a folder" }), "file");
  const error = await failure(load({ hub: { cacheDir } }));
  expect(error).toBeInstanceOf(DatasetFileError);
  expect(String(error)).toContain(cacheDir);
});

/** A folder behind any static file server: no commits, no hashes, perhaps no HEAD. */
async function staticServer(files: Readonly<Record<string, Buffer>>, behaviour: "plain" | "no HEAD" = "plain") {
  const handler: Handler = (request, response) => {
    const content = files[decodeURIComponent(request.url!)];
    if (request.method === "HEAD" && behaviour === "no HEAD") response.writeHead(501).end();
    else if (content === undefined) response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not found</h1>");
    else response.writeHead(200, { "content-length": content.length, etag: '"65a1-5f"' }).end(content);
  };
  const server = await startServer(handler);
  onTestFinished(() => server.close());
  return server;
}

test.each([
  { name: "laid out as the repository", path: `/datasets/${REPO}/${PATH}`, behaviour: "plain" as const },
  {
    name: "laid out as the hub's addresses",
    path: `/datasets/${REPO}/resolve/main/${PATH}`,
    behaviour: "plain" as const,
  },
  { name: "that knows no HEAD", path: `/datasets/${REPO}/resolve/main/${PATH}`, behaviour: "no HEAD" as const },
])("a static file server $name stands in for the hub, the second time switched off", async ({ path, behaviour }) => {
  const files = { [path]: hotpot("one", "two") };
  const server = await staticServer(files, behaviour);
  const cacheDir = temporaryFolder();
  const load = () => loadDataset("hotpotqa", { hub: { endpoint: server.url, cacheDir } });
  const first = await load();
  expect(questions(first)).toEqual(["one", "two"]);
  expect(first.fingerprint.revision).toBeNull();

  // Nothing tells a changed file from the same: it is fetched again.
  files[path] = hotpot("three");
  expect(questions(await load())).toEqual(["three"]);
  await server.close();
  expect(questions(await load())).toEqual(["three"]);
});

test("hub options that cannot be used are refused before any request", async () => {
  const { server, load } = await hub();
  expect(await failure(load({ hub: { revision: "a/../../b" } }))).toBeInstanceOf(UsageError);
  expect(server.requests).toEqual([]);
});
