import { createHash } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { inspectCache } from "./inspect-cache.js";

const REPO = "datasets--mandarjoshi--trivia_qa";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const blob = (name: string) => `${REPO}/blobs/${name}`;
// `printf 'hello' | git hash-object --stdin`
const GIT_HELLO = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0";

test("a cache that is whole, with files of others that are left alone", async () => {
  const folder = temporaryFolder({
    [blob(sha256("whole"))]: "whole",
    [blob(GIT_HELLO)]: "hello",
    "pka/NQ/NQ-open.dev.jsonl": "{}",
    "models--someone--large/blobs/00": "not ours",
    [`${REPO}/refs/main`]: "0".repeat(40),
  });
  await mkdir(join(folder, REPO, "snapshots", "c"), { recursive: true });
  // Windows may refuse links; the cache then holds copies.
  await symlink(join("..", "..", "blobs", GIT_HELLO), join(folder, REPO, "snapshots", "c", "a.parquet")).catch(
    () => {},
  );
  expect(await inspectCache(folder)).toEqual({ numFiles: 3, bytes: 12, unfinished: [], damaged: [], missing: [] });
});

test("torn, interrupted and missing files are named", async () => {
  const folder = temporaryFolder({
    [blob(sha256("whole"))]: "who",
    [blob(GIT_HELLO)]: "hellO",
    [blob(`${sha256("next")}.incomplete`)]: "ne",
    "pka/SimpleQA/simple_qa_test_set.csv.incomplete": "x",
  });
  const pointer = join(folder, REPO, "snapshots", "c", "a.parquet");
  await mkdir(join(pointer, ".."), { recursive: true });
  await symlink(join("..", "..", "blobs", "gone"), pointer).catch(() => writeFile(pointer, ""));
  const state = await inspectCache(folder);
  expect(state.damaged).toEqual([blob(GIT_HELLO), blob(sha256("whole"))].toSorted());
  expect(state.unfinished).toEqual([
    blob(`${sha256("next")}.incomplete`),
    "pka/SimpleQA/simple_qa_test_set.csv.incomplete",
  ]);
  if (process.platform !== "win32") expect(state.missing).toEqual([`${REPO}/snapshots/c/a.parquet`]);
});

test("no cache is an empty one", async () => {
  const folder = join(temporaryFolder(), "none");
  expect(await inspectCache(folder)).toMatchObject({ numFiles: 0, bytes: 0 });
});
