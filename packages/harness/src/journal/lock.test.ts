import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { firstOutput, kill, startChild } from "../__fixtures__/child.js";
import { JournalLockedError, OutputError } from "../errors.js";
import { acquireLock } from "./lock.js";

function lockPath(): string {
  return join(temporaryFolder(), "j.jsonl.lock");
}

test("a second writer in the same process is refused until the first releases", async () => {
  const path = lockPath();
  const release = await acquireLock(path);
  await expect(acquireLock(path)).rejects.toMatchObject({ code: "journal_locked", pid: process.pid });
  release();
  expect(existsSync(path)).toBe(false);
  (await acquireLock(path))();
});

test("another process is named while it lives and its lock taken over once it is killed", async () => {
  const path = lockPath();
  const child = startChild(new URL("../__fixtures__/lock-child.ts", import.meta.url), [path]);
  try {
    await firstOutput(child);
    await expect(acquireLock(path)).rejects.toThrow(JournalLockedError);
    await expect(acquireLock(path)).rejects.toMatchObject({ pid: child.pid, since: expect.stringMatching(/^20\d\d-/) });
  } finally {
    await kill(child);
  }
  expect(existsSync(path)).toBe(true);
  const release = await acquireLock(path);
  expect(readFileSync(path, "utf8")).toContain(`"pid":${process.pid}`);
  release();
});

test("of many that see one dead owner exactly one takes over", async () => {
  const path = lockPath();
  writeFileSync(path, owner({ pid: 2 ** 22 + 1 }));
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(existsSync(`${path}.takeover`)).toBe(false);
});

test.runIf(process.platform === "linux")(
  "a process number that has been given to another process is no owner",
  async () => {
    const path = lockPath();
    writeFileSync(path, owner({ pid: process.pid, processStart: "another boot 12345" }));
    (await acquireLock(path))();
  },
);

test("without start times a lock older than the computer's start is stale", async () => {
  const path = lockPath();
  writeFileSync(path, owner({ pid: process.pid, processStart: null, since: "2001-01-01T00:00:00.000Z" }));
  (await acquireLock(path))();
});

test("an owner on another computer is never judged dead", async () => {
  const path = lockPath();
  writeFileSync(path, owner({ pid: 2 ** 22 + 1, host: "elsewhere" }));
  await expect(acquireLock(path)).rejects.toThrow("if it does not, delete the file");
});

test("a lock file that its owner never finished writing is taken over", async () => {
  const path = lockPath();
  writeFileSync(path, '{"pid":');
  (await acquireLock(path))();
});

test("a crash during a takeover does not block the next", async () => {
  const path = lockPath();
  writeFileSync(path, owner({ pid: 2 ** 22 + 1 }));
  writeFileSync(`${path}.takeover`, owner({ pid: 2 ** 22 + 2 }));
  (await acquireLock(path))();
});

test("a place where no file can be made is an output error", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "lock"));
  await expect(acquireLock(join(folder, "lock"))).rejects.toThrow(OutputError);
  await expect(acquireLock(join(folder, "absent", "lock"))).rejects.toThrow(OutputError);
});

function owner(more: object): string {
  const since = new Date().toISOString();
  return JSON.stringify({ pid: 1, host: hostname(), processStart: null, since, ...more });
}
