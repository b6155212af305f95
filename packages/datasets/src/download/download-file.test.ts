import { existsSync, readdirSync, statSync } from "node:fs";
import { lstat, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type HubState, sha256 } from "../testing/hub-server.js";
import { DownloadError } from "../errors.js";
import { failure, gets, hotpot, hub, LONG, PATH, REPO } from "../testing/hotpot-hub.js";

/** Sends the first `keep` bytes of the storage's answers and cuts the connection once some are in `partial`, `times` times. */
function cutting(state: HubState, partial: string, keep: number, times: number): NonNullable<HubState["intercept"]> {
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
    response.write(content.subarray(start, start + keep));
    const watch = setInterval(() => {
      if ((statSync(partial, { throwIfNoEntry: false })?.size ?? 0) <= start) return;
      clearInterval(watch);
      response.destroy();
    }, 5);
    return true;
  };
}

test("a download that breaks off goes on where it stopped", async () => {
  const { state, server, repo, load } = await hub({ files: new Map([[`${REPO}/${PATH}`, LONG]]) });
  state.intercept = cutting(state, join(repo, "blobs", `${sha256(LONG)}.incomplete`), 100_000, 2);
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
    response.writeHead(statusForRange, { "retry-after-ms": "1" }).end(statusForRange === 200 ? LONG : undefined);
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
