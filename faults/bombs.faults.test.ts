import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gzipBomb } from "./gzip-bomb.js";
import { child, PKA, run } from "./run-pka.js";

const GIGABYTES = 10;
const MAX_RESIDENT_MB = 512;
const [NODE = "", MAIN = ""] = PKA;
/** Says at the end how much memory the process took, in kB. */
const SAY_MEMORY =
  'data:text/javascript,process.on("exit",()=>process.stderr.write(`\\nmaxRSS ${process.resourceUsage().maxRSS}`))';
const ROW = { question: "q", ground_truth: ["a"], raw_prediction: "a", extracted_prediction: "a", recall: true };

let folder: string;
let good: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pka-bombs-"));
  good = join(folder, "nq_good_no_cues.json");
  writeFileSync(good, JSON.stringify({ results: [{ ...ROW, exact_match: true }] }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Run it in a heap of 400 MB. */
async function measured([, ...args]: readonly string[]) {
  const started = performance.now();
  const { exitCode, stderr } = await run([NODE, "--max-old-space-size=400", "--import", SAY_MEMORY, ...args]);
  const seconds = (performance.now() - started) / 1000;
  const megabytes = Number(/maxRSS (\d+)$/.exec(stderr)?.[1] ?? Number.NaN) / 1024;
  return { exitCode, stderr, seconds, megabytes };
}

const row = JSON.stringify({ ...ROW, exact_match: true });
const FILES = [
  { name: "one endless text", start: '{"results": [{"question": "', unit: "a" },
  { name: "white space", start: `{"results": [${row}`, unit: " " },
  { name: "open brackets", start: '{"results": [', unit: "[" },
  { name: "valid rows", start: `{"results": [${row}`, unit: `,${row}` },
];
const COMMANDS = [
  { command: "compare", args: (path: string) => ["compare", path, good] },
  { command: "grade", args: (path: string) => ["grade", path] },
  { command: "refine", args: (path: string) => ["refine", "--target-files", path, "--dry-run"] },
  { command: "thinking", args: (path: string) => ["thinking", path, "--no-tokenizer"] },
  { command: "report", args: (path: string) => ["report", dirname(path), "--format", "md", "--output", "-"] },
];

test("C7 result files that unpack to 10 GB are refused", { timeout: 1_800_000 }, async ({ annotate }) => {
  const runs: { what: string; exitCode: number | null; seconds: number; megabytes: number; stderr: string }[] = [];
  for (const { name, start, unit } of FILES) {
    const path = join(folder, name, "nq_bomb_no_cues.json.gz");
    mkdirSync(dirname(path));
    writeFileSync(path, gzipBomb(start, unit, GIGABYTES));
    for (const { command, args } of COMMANDS) {
      const { exitCode, stderr, seconds, megabytes } = await measured(["", MAIN, ...args(path)]);
      runs.push({ what: `${command} of ${name}`, exitCode, seconds, megabytes, stderr: stderr.slice(0, 300) });
    }
    rmSync(dirname(path), { recursive: true });
  }
  const isRefused = ({ exitCode, megabytes }: (typeof runs)[number]) => exitCode === 1 && megabytes < MAX_RESIDENT_MB;
  expect(runs.filter((one) => !isRefused(one))).toEqual([]);
  const most = runs.toSorted((a, b) => b.megabytes - a.megabytes)[0]!;
  const longest = runs.toSorted((a, b) => b.seconds - a.seconds)[0]!;
  await annotate(
    `${FILES.length} gzip files of 10 GB × ${COMMANDS.length} commands in a heap of 400 MB: all refused, ` +
      `${longest.seconds.toFixed(1)} s at most (${longest.what}), ${most.megabytes.toFixed(0)} MB resident at most (${most.what})`,
    "figure",
  );
});

test("C7 a parquet page that unpacks to 10 GB is refused", { timeout: 600_000 }, async ({ annotate }) => {
  const bomb = gzipBomb("", "a", GIGABYTES);
  const content = parquetWriteBuffer({
    codec: "GZIP",
    compressors: { GZIP: (page) => (page.length > 500 ? bomb : gzipSync(page)) },
    columnData: [
      { name: "question", data: Array.from({ length: 100 }, (_, i) => `question ${i}`), type: "STRING" },
      { name: "answer", data: Array.from({ length: 100 }, () => "a"), type: "STRING" },
    ],
  });
  expect(content.byteLength).toBeGreaterThan(bomb.length);
  const path = join(folder, "hub/datasets/hotpotqa/hotpot_qa/fullwiki/validation-00000-of-00001.parquet");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, new Uint8Array(content));
  const [, ...command] = child("read-parquet", folder);
  const { exitCode, stderr, seconds, megabytes } = await measured(["", ...command]);
  expect(stderr).toMatch(/validation-00000-of-00001\.parquet: rows 1 to 100 cannot be read/);
  expect(exitCode).toBe(1);
  expect(megabytes).toBeLessThan(MAX_RESIDENT_MB);
  await annotate(
    `a parquet page of ${(bomb.length / 1e6).toFixed(0)} MB that unpacks to 10 GB: refused in ${seconds.toFixed(1)} s, ` +
      `${megabytes.toFixed(0)} MB resident at most`,
    "figure",
  );
});
