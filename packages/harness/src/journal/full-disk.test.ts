import * as fs from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test, vi } from "vitest";
import { attempt, header, NEW } from "../__fixtures__/journal.js";
import { collect } from "../__fixtures__/run.js";
import { OutputError } from "../errors.js";
import { encodeLine } from "./line.js";
import { readJournal } from "./read.js";
import { JournalWriter } from "./writer.js";

// A disk of so many bytes. It takes what fits of a write, and refuses the next.
let capacity = 0;
vi.mock("node:fs", async (importOriginal) => {
  const actual = await importOriginal<typeof fs>();
  const writeSync = (fd: number, bytes: Buffer, offset: number) => {
    const room = capacity - actual.fstatSync(fd).size;
    if (room <= 0) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
    return actual.writeSync(fd, bytes, offset, Math.min(room, bytes.length - offset));
  };
  return { ...actual, writeSync };
});

test("of records that are written together, a full disk keeps every one that fits, and each place is right", async () => {
  const records = [header, attempt("nq/1"), attempt("nq/2", "x".repeat(10_000)), attempt("nq/3"), attempt("nq/4")];
  const lengths = records.map((record) => encodeLine(record).length);
  const room = lengths[0]! + lengths[1]! + lengths[3]!;
  capacity = room + 10;
  const path = join(temporaryFolder(), "j.jsonl");
  const writer = new JournalWriter(path, NEW);
  const results = await Promise.allSettled(records.map((record) => writer.append(record)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "rejected"]);
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  for (const error of errors) expect(error).toBeInstanceOf(OutputError);
  expect(fs.statSync(path).size).toBe(room);

  const kept = [records[0]!, records[1]!, records[3]!];
  expect(await collect(readJournal(path))).toEqual(kept);
  const bytes = fs.readFileSync(path);
  const places = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const texts = places.map(({ offset, length }) => bytes.toString("utf8", offset, offset + length));
  expect(texts).toEqual(kept.map((record) => encodeLine(record).toString().trimEnd()));

  capacity = 1e6;
  await writer.append(records[4]!);
  await writer.close();
  expect(await collect(readJournal(path))).toEqual([...kept, records[4]]);
});
