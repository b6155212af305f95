import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { lstat, mkdir, readFile, readlink, rm, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { UsageError } from "@pka/core";
import { expect, onTestFinished, test } from "vitest";
import { type Handler, startServer, type TestServer } from "../../test/http-server.js";
import { type HubState, serveStorage, sha256, startHub } from "../../test/hub-server.js";
import { textParquet } from "../../test/parquet-files.js";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { DatasetFileError, DownloadError } from "../errors.js";
import { loadDataset, type LoadDatasetOptions } from "../load-dataset.js";

const REPO = "hotpotqa/hotpot_qa";
const PATH = "fullwiki/validation-00000-of-00001.parquet";
const COMMIT = "1908d6afbbead072334abe2965f91bd2709910ab";
const LATER_COMMIT = "2b0e1a9f3c4d5e6f708192a3b4c5d6e7f8091a2b";

function hotpot(...questions: string[]): Buffer {
  return textParquet({ question: questions, answer: questions.map((question) => `answer to ${question}`) });
}

/** A parquet file that crosses the wire in many pieces. */
const LONG = hotpot(
  ...Array.from({ length: 3000 }, (_, i) => `question ${i} ${sha256(Buffer.from(`${i}`)).repeat(4)}`),
);

async function hub(changes: Partial<HubState> = {}) {
  const state: HubState = { commit: COMMIT, files: new Map([[`${REPO}/${PATH}`, hotpot("one", "two")]]), ...changes };
  const server = await startHub(state);
  onTestFinished(() => server.close());
  const cacheDir = await temporaryFolder();
  const warnings: string[] = [];
  const logger = { info() {}, warn: (message: string) => void warnings.push(message) };
  const load = ({ hub: hubOptions, ...options }: LoadDatasetOptions = {}) =>
    loadDataset("hotpotqa", { logger, ...options, hub: { endpoint: server.url, cacheDir, ...hubOptions } });
  return { state, server, cacheDir, repo: join(cacheDir, "datasets--hotpotqa--hotpot_qa"), warnings, load };
}

const questions = ({ examples }: Awaited<ReturnType<typeof loadDataset>>): string[] =>
  examples.map(({ question }) => question);
const gets = ({ requests }: TestServer) =>
  requests.filter(({ method, path }) => method === "GET" && path.startsWith("/storage/"));
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

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

/** Sends the first `keep` bytes of the storage's answers and cuts the connection, `times` times. */
function cutting(state: HubState, keep: number, times: number): NonNullable<HubState["intercept"]> {
  let left = times;
  return (request, response) => {
    if (!request.url!.startsWith("/storage/") || left === 0) return false;
    left -= 1;
    const content = [...state.files.values()][0]!;
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": content.length - start,
      ...(start > 0 && { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    response.write(content.subarray(start, start + keep), () => setTimeout(() => response.destroy(), 20));
    return true;
  };
}

test("a download that breaks off goes on where it stopped", async () => {
  const { state, server, load } = await hub({ files: new Map([[`${REPO}/${PATH}`, LONG]]) });
  state.intercept = cutting(state, 100_000, 2);
  expect((await load()).examples).toHaveLength(3000);
  const ranges = gets(server).map(({ headers }) => headers.range);
  expect(ranges[0]).toBeUndefined();
  expect(ranges[1]).toMatch(/^bytes=\d{4,}-$/);
  expect(ranges).toHaveLength(3);
});

test("a download that was stopped is continued by the next load", async () => {
  const { state, server, repo, load } = await hub({ files: new Map([[`${REPO}/${PATH}`, LONG]]) });
  const stop = new AbortController();
  state.intercept = (request, response) => {
    if (!request.url!.startsWith("/storage/")) return false;
    response.writeHead(200, { "content-length": LONG.length });
    response.write(LONG.subarray(0, 200_000)); // and then nothing more
    return true;
  };
  const onProgress = ({ doneBytes }: { doneBytes: number }) =>
    doneBytes === 200_000 && stop.abort(new Error("stopped by the user"));
  expect(String(await failure(load({ signal: stop.signal, onProgress })))).toContain("stopped by the user");
  const hash = sha256(LONG);
  expect(readdirSync(join(repo, "blobs"))).toEqual([`${hash}.incomplete`]);
  const { size } = await lstat(join(repo, "blobs", `${hash}.incomplete`));

  delete state.intercept;
  server.requests.length = 0;
  expect((await load()).examples).toHaveLength(3000);
  expect(gets(server).map(({ headers }) => headers.range)).toEqual([size > 0 ? `bytes=${size}-` : undefined]);
});

test.each([
  { name: "a server that ignores ranges", statusForRange: 200 },
  { name: "a server that refuses the range", statusForRange: 416 },
])("what an earlier download left is no obstacle: $name", async ({ statusForRange }) => {
  const { state, repo, load } = await hub({ files: new Map([[`${REPO}/${PATH}`, LONG]]) });
  await mkdir(join(repo, "blobs"), { recursive: true });
  await writeFile(join(repo, "blobs", `${sha256(LONG)}.incomplete`), LONG.subarray(0, 1234));
  state.intercept = (request, response) => {
    if (!request.url!.startsWith("/storage/") || request.headers.range === undefined) return false;
    response.writeHead(statusForRange, { "retry-after": "0" }).end(statusForRange === 200 ? LONG : undefined);
    return true;
  };
  expect((await load()).examples).toHaveLength(3000);
});

test("the rest of another file glued to an earlier beginning is noticed and downloaded anew", async () => {
  const { warnings, repo, load } = await hub({ files: new Map([[`${REPO}/${PATH}`, LONG]]) });
  await mkdir(join(repo, "blobs"), { recursive: true });
  await writeFile(join(repo, "blobs", `${sha256(LONG)}.incomplete`), Buffer.alloc(5000, "x"));
  expect((await load()).examples).toHaveLength(3000);
  expect(warnings).toContainEqual(expect.stringContaining("does not fit what is there now; starting over"));
});

test("content that is not what its hash says is refused and leaves nothing behind", async () => {
  const { state, repo, load } = await hub();
  const forged = Buffer.from(state.files.get(`${REPO}/${PATH}`)!);
  forged[20]! ^= 1;
  state.intercept = (request, response) => {
    if (!request.url!.startsWith("/storage/")) return false;
    response.end(forged);
    return true;
  };
  const error = await failure(load());
  expect(error).toBeInstanceOf(DownloadError);
  expect(String(error)).toContain("what arrived is not what was announced");
  expect(readdirSync(join(repo, "blobs"))).toEqual([]);
  expect(existsSync(join(repo, "snapshots"))).toBe(false);
});

test("four loads at once download one time", async () => {
  const { server, load } = await hub({ files: new Map([[`${REPO}/${PATH}`, LONG]]) });
  const loads = await Promise.all([load(), load(), load(), load()]);
  expect(loads.map(({ examples }) => examples.length)).toEqual([3000, 3000, 3000, 3000]);
  expect(gets(server)).toHaveLength(1);
});

test.each([
  {
    name: "a process that is gone",
    owner: () => ({ pid: spawnSync(process.execPath, ["-e", ""]).pid, host: hostname() }),
    age: 0,
  },
  { name: "another machine, long silent", owner: () => ({ pid: process.pid, host: "elsewhere" }), age: 120 },
  { name: "nobody, its content cut short", owner: () => "{", age: 120 },
])("the lock of $name is taken over", async ({ owner, age }) => {
  const { state, repo, load } = await hub();
  await mkdir(join(repo, "blobs"), { recursive: true });
  const lock = join(repo, "blobs", `${sha256([...state.files.values()][0]!)}.lock`);
  const content = owner();
  await writeFile(lock, typeof content === "string" ? content : JSON.stringify(content));
  const then = new Date(Date.now() - age * 1000);
  await utimes(lock, then, then);
  expect(questions(await load())).toEqual(["one", "two"]);
  expect(existsSync(lock)).toBe(false);
});

test("the lock of a living process is waited for", async () => {
  const { state, server, repo, load } = await hub();
  await mkdir(join(repo, "blobs"), { recursive: true });
  const lock = join(repo, "blobs", `${sha256([...state.files.values()][0]!)}.lock`);
  await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname() }));
  const loading = load();
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(gets(server)).toHaveLength(0);
  await rm(lock);
  expect(questions(await loading)).toEqual(["one", "two"]);
});

test.each([429, 500, 502, 503, 504])("HTTP %i is tried again, on the hub and on its storage", async (status) => {
  const { state, warnings, load } = await hub();
  const refused = new Set<string>();
  state.intercept = (request, response) => {
    const key = `${request.method} ${request.url}`;
    if (refused.has(key)) return false;
    refused.add(key);
    response.writeHead(status, { "retry-after": "0" }).end();
    return true;
  };
  expect(questions(await load())).toEqual(["one", "two"]);
  expect(warnings.filter((warning) => warning.includes("trying again in 0.0 s"))).toHaveLength(3);
});

test("a server that stays down is given up after five tries", async () => {
  const { server, load } = await hub({
    intercept: (_request, response) => {
      response.writeHead(503, { "retry-after": "0" }).end("<html>down</html>");
      return true;
    },
  });
  const error = await failure(load());
  expect(error).toMatchObject({ code: "download_failed", status: 503, isRetryable: true });
  expect(server.requests).toHaveLength(5);
});

test("a wait of years that a server asks for is cut to a minute", async () => {
  const { load, warnings } = await hub({
    intercept: (_request, response) => {
      response.writeHead(503, { "retry-after": "Wed, 21 Oct 2099 07:28:00 GMT" }).end();
      return true;
    },
  });
  const stop = new AbortController();
  const loading = failure(load({ signal: stop.signal }));
  await expect.poll(() => warnings).toContainEqual(expect.stringContaining("trying again in 60.0 s"));
  stop.abort(new Error("stopped"));
  expect(String(await loading)).toBe("Error: stopped");
});

test.each([
  {
    name: "a file that is not there",
    status: 404,
    headers: { "x-error-code": "EntryNotFound" },
    message: /HTTP 404: there is no such file/,
  },
  {
    name: "a gated dataset",
    status: 403,
    headers: { "x-error-code": "GatedRepo" },
    message: /gated: accept its terms on its page and give an access token \(HF_TOKEN\)/,
  },
  {
    name: "a private dataset",
    status: 401,
    headers: {},
    message: /HTTP 401: access denied: give an access token \(HF_TOKEN\)/,
  },
  {
    name: "escape codes in the server's words",
    status: 400,
    headers: { "x-error-message": "\u{9b}31mred" },
    message: /the server says:  31mred/,
  },
])("$name: an error that says what to do, at once", async ({ status, headers, message }) => {
  const { load, server } = await hub({
    intercept: (_request, response) => {
      response.writeHead(status, headers as Record<string, string>).end();
      return true;
    },
  });
  const error = await failure(load());
  expect(error).toBeInstanceOf(DownloadError);
  expect(error).toMatchObject({ status, isRetryable: false });
  expect(String(error)).toMatch(message);
  expect(server.requests.length).toBeLessThanOrEqual(3);
});

test("a token that is not accepted is named as the reason, never printed", async () => {
  const { load } = await hub({
    intercept: (_request, response) => {
      response.writeHead(401).end();
      return true;
    },
  });
  const error = await failure(load({ hub: { token: "hf_canary" } }));
  expect(String(error)).toContain("check the access token (HF_TOKEN)");
  expect(JSON.stringify(error) + String(error)).not.toContain("canary");
});

test("the token goes to the hub and to no other origin", async () => {
  const files = new Map([[`${REPO}/${PATH}`, hotpot("one")]]);
  const storage = await startServer((request, response) => serveStorage({ commit: COMMIT, files })(request, response));
  onTestFinished(() => storage.close());
  const { server, load } = await hub({ files, storage: storage.url });
  expect(questions(await load({ hub: { token: "hf_canary" } }))).toEqual(["one"]);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer hf_canary", "Bearer hf_canary"]);
  expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test.each([
  { name: "a file", location: "file:///etc/passwd", message: "redirects to a file: address" },
  { name: "plain http from https", location: "http://127.0.0.1:9/x", message: "redirects from https to plain http" },
  { name: "itself without end", location: "https://hub.test/again", message: "redirects more than 10 times" },
  { name: "nonsense", location: "http://[", message: "redirects to an address that is none" },
])("a redirect to $name is not followed", async ({ location, message }) => {
  const { load } = await hub();
  const fetched: string[] = [];
  const redirecting: typeof fetch = async (input) => {
    fetched.push(new Request(input).url);
    return new Response(null, { status: 302, headers: { location } });
  };
  const error = await failure(load({ hub: { endpoint: "https://hub.test", token: "hf_canary" }, fetch: redirecting }));
  expect(error).toBeInstanceOf(DownloadError);
  expect(String(error)).toContain(message);
  expect(fetched.every((url) => url.startsWith("https://hub.test/"))).toBe(true);
});

test("no query string of a storage address reaches an error", async () => {
  const { state, load } = await hub();
  state.intercept = (request, response) => {
    if (!request.url!.startsWith("/storage/")) return false;
    response.writeHead(404).end();
    return true;
  };
  const error = await failure(load());
  expect(String(error)).toContain("/storage/");
  expect(JSON.stringify(error) + String(error)).not.toContain("signature=secret");
});

test("a cache that cannot be written to is named", async () => {
  const { load } = await hub();
  const cacheDir = join(await temporaryFolder({ file: "not a folder" }), "file");
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
  const cacheDir = await temporaryFolder();
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

test("a body longer than announced is cut off", async () => {
  const { load } = await hub({
    files: new Map([[`${REPO}/${PATH}`, hotpot("one")]]),
    intercept: (request, response) => {
      if (!request.url!.startsWith("/storage/")) return false;
      response.writeHead(200);
      const flood = (): void =>
        void (response.destroyed || response.write(Buffer.alloc(1 << 16), () => setImmediate(flood)));
      flood();
      return true;
    },
  });
  expect(String(await failure(load()))).toMatch(/sends more than the \d+ bytes it may/);
});

test("hub options that cannot be used are refused before any request", async () => {
  const { server, load } = await hub();
  expect(await failure(load({ hub: { revision: "a/../../b" } }))).toBeInstanceOf(UsageError);
  expect(server.requests).toEqual([]);
});
