import { appendFileSync, closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { child, PKA, run } from "./run-pka.js";

/** What is kept per row, in bytes: `RowIndex`. */
const INDEX_BYTES = 27;
/** Size of the large journal. */
const GIGABYTES = Number(process.env["PKA_JOURNAL_GB"] ?? 1);
const [NODE = "", MAIN = ""] = PKA;
const SMALL_HEAP_PKA = [NODE, "--max-old-space-size=256", MAIN];

interface ManyRows {
  readonly status: string;
  readonly asked: number;
  readonly resumed: number;
  readonly journalPath: string;
  readonly resultPath: string;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pka-sizes-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function manyRows(name: string, questions: number, samples: number, characters = 640): Promise<ManyRows> {
  const args = [join(folder, name), ...[questions, samples, characters].map(String)];
  const { exitCode, stdout, stderr } = await run(child("many-rows", ...args));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout) as ManyRows;
}

test("a million rows in a heap of 256 MB", { timeout: 3_600_000 }, async ({ annotate }) => {
  const few = await manyRows("few", 10_000, 1);
  const many = await manyRows("many", 10_000, 100);
  expect(many).toMatchObject({ status: "complete", asked: 1_000_000 });
  const index = (1_000_000 * INDEX_BYTES) / 1e6;
  await annotate(
    `1,000,000 rows (10,000 questions × 100): ${many.peakMegabytes.toFixed(0)} MB resident at most, of which ${index.toFixed(0)} MB index; ` +
      `10,000 rows: ${few.peakMegabytes.toFixed(0)} MB; ${((many.seconds / 1e6) * 1e6).toFixed(0)} µs per row`,
    "figure",
  );
  expect(many.peakMegabytes - index).toBeLessThan(1.2 * few.peakMegabytes);
  rmSync(join(folder, "many"), { recursive: true });
});

test(
  `a journal of ${GIGABYTES} GB and a record of 300 MB, in a heap of 256 MB`,
  { timeout: 3_600_000 },
  async ({ annotate }) => {
    const questions = Math.round(GIGABYTES * 10_000);
    const first = await manyRows("large", questions, 1, 100_000);
    expect(first).toMatchObject({ status: "complete", asked: questions });
    const megabytes = statSync(first.journalPath).size / 1e6;
    // Reads the journal and writes the result from it.
    const again = await manyRows("large", questions, 1, 100_000);
    expect(again).toMatchObject({ status: "complete", asked: 0, resumed: questions });

    // 300 MB that are no record, and a good record behind them.
    const { size } = statSync(first.journalPath);
    const lastLine = lastLineOf(first.journalPath, size);
    truncateSync(first.journalPath, size + 300e6);
    appendFileSync(first.journalPath, "\n");
    appendFileSync(first.journalPath, lastLine);
    const refused = await run(child("many-rows", join(folder, "large"), String(questions), "1", "100000"));
    expect(refused.stderr).toContain("is longer than 67108864 bytes, the longest that is ever written");
    const started = performance.now();
    const { exitCode, stdout } = await run([...SMALL_HEAP_PKA, "repair", first.journalPath, "--json"]);
    const seconds = (performance.now() - started) / 1000;
    expect(exitCode).toBe(0);
    const { files } = JSON.parse(stdout);
    expect(files).toMatchObject([
      { status: "repaired", attempts: questions + 1, lost: [{ offset: size, length: 300e6 }] },
    ]);
    expect(await manyRows("large", questions, 1, 100_000)).toMatchObject({ asked: 0, resumed: questions });
    await annotate(
      `journal of ${(megabytes / 1000).toFixed(2)} GB: read and its result written in ${again.seconds.toFixed(0)} s ` +
        `(${(megabytes / again.seconds).toFixed(0)} MB/s), ${again.peakMegabytes.toFixed(0)} MB resident at most; ` +
        `a record of 300 MB is refused by its place, and pka repair takes it out in ${seconds.toFixed(0)} s`,
      "figure",
    );
  },
);

function lastLineOf(path: string, size: number): Buffer {
  const tail = Buffer.alloc(200_000);
  const fd = openSync(path, "r");
  readSync(fd, tail, 0, tail.length, size - tail.length);
  closeSync(fd);
  return tail.subarray(tail.lastIndexOf("\n", tail.length - 2) + 1);
}
