import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../testing/hub-server.js";
import { gets, hub, questions } from "../testing/hotpot-hub.js";

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
