import * as fs from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { afterEach, expect, test, vi } from "vitest";
import { attempt, header, NEW } from "../__fixtures__/journal.js";
import { collect, optionsOf, qaExamples, answeringModel } from "../__fixtures__/run.js";
import { evaluate } from "../evaluate.js";
import { scanJournal } from "./read.js";
import { JournalWriter } from "./writer.js";

// What a disk without power keeps of a journal: what the last finished sync had seen. Every sync is watched, none is changed.
let durableBytes = 0;
vi.mock("node:fs", async (importOriginal) => {
  const actual = await importOriginal<typeof fs>();
  const fdatasync = (fd: number, callback: (error: unknown) => void) => {
    const seen = actual.fstatSync(fd).size;
    actual.fdatasync(fd, (error) => {
      if (error === null) durableBytes = Math.max(durableBytes, seen);
      callback(error);
    });
  };
  return { ...actual, fdatasync };
});

afterEach(() => {
  vi.useRealTimers();
});

test("a power cut at any moment loses what was appended in the last second at most, and the rest opens", async () => {
  durableBytes = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const path = join(temporaryFolder(), "j.jsonl");
  const writer = new JournalWriter(path, NEW);
  await writer.append(header);
  const ends: { readonly atMs: number; readonly end: number }[] = [];
  let longestMs = 0;
  for (let atMs = 0; atMs < 10_000; atMs += 50) {
    const { offset, length } = await writer.append(attempt(`nq/${atMs}`));
    ends.push({ atMs, end: offset + length + 1 });
    await vi.advanceTimersByTimeAsync(50);
    // The sync itself takes real time; it is over before the next moment.
    await vi.waitFor(() => expect(durableBytes).toBeGreaterThanOrEqual(dueBytes(ends, atMs + 50)), { interval: 1 });
    const lost = ends.filter(({ end }) => end > durableBytes);
    longestMs = Math.max(longestMs, ...lost.map((record) => atMs + 50 - record.atMs));

    const survived = await collect(scanJournal(path, [fs.readFileSync(path).subarray(0, durableBytes)]));
    expect(survived.length).toBe(durableBytes === 0 ? 0 : 1 + ends.length - lost.length);
  }
  expect(longestMs).toBeGreaterThan(0);
  expect(longestMs).toBeLessThanOrEqual(1000);
  await writer.close();
  expect(durableBytes).toBe(fs.statSync(path).size);
});

test("a run that has returned loses nothing: its journal is synced before its result is written", async () => {
  durableBytes = 0;
  const { journalPath } = await evaluate(optionsOf(temporaryFolder(), qaExamples(50), answeringModel()));
  expect(durableBytes).toBe(fs.statSync(journalPath).size);
});

/** Bytes that the policy of one sync a second promises at a moment. */
function dueBytes(ends: readonly { readonly atMs: number; readonly end: number }[], nowMs: number): number {
  return Math.max(0, ...ends.filter(({ atMs }) => atMs + 1000 <= nowMs).map(({ end }) => end));
}
