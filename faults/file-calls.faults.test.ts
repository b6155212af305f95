import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ended, hasStrace, underStrace } from "@pka/fault-kit";
import { readJournal } from "@pka/harness";
import { beforeAll, describe, expect, test } from "vitest";
import { PKA, run } from "./run-pka.js";

const NAME = "smallworld_tiny_no_cues_no_thinking.json";
const FEW = 3;
const ALL = 8;
/** More calls than a run makes: the sweep ends before, at the first run that no fault reaches. */
const MOST = 60;

type Injection = Parameters<typeof underStrace>[0];
type Target = "journal" | "result" | "folder" | "lock";

describe.skipIf(!hasStrace())(`file calls that fail or kill${hasStrace() ? "" : " (skipped: no strace here)"}`, () => {
  let folder: string;
  /** Of a run that was left alone, over the first and over all questions. */
  let few: Buffer;
  let all: Buffer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pka-calls-"));
    await run(command(folder, FEW));
    few = readFileSync(join(folder, NAME));
    copyFileSync(join(folder, NAME), join(folder, "few.json"));
    copyFileSync(join(folder, `${NAME}l`), join(folder, "few.jsonl"));
    await run(command(folder, ALL));
    all = readFileSync(join(folder, NAME));
    return () => rmSync(folder, { recursive: true });
  });

  /** A run of all questions that goes on from one of the first, with one fault. @returns `undefined` once the fault is beyond its last call. */
  async function disturbed(fault: Omit<Injection, "path"> & { readonly target: Target }): Promise<Ended | undefined> {
    const outputDir = join(folder, "disturbed");
    rmSync(outputDir, { recursive: true, force: true });
    await mkdir(outputDir);
    copyFileSync(join(folder, "few.jsonl"), join(outputDir, `${NAME}l`));
    copyFileSync(join(folder, "few.json"), join(outputDir, NAME));
    const log = join(folder, "strace.log");
    const { target, ...injection } = fault;
    const end = await run(underStrace({ ...injection, path: pathOf(target, outputDir) }, log, command(outputDir, ALL)));
    const isReached = "signal" in fault.what ? end.exitCode !== 0 : readFileSync(log, "utf8").includes("(INJECTED)");
    return isReached ? end : undefined;
  }

  /** Whatever happened: the old result or the new one, a journal that can be read, and the same command gets to the same end. */
  async function expectConsistent(what: string): Promise<void> {
    const outputDir = join(folder, "disturbed");
    const result = readFileSync(join(outputDir, NAME));
    expect(result.equals(few) || result.equals(all), what).toBe(true);
    let attempts = 0;
    for await (const record of readJournal(join(outputDir, `${NAME}l`))) if (record.type === "attempt") attempts += 1;
    expect(attempts, what).toBeGreaterThanOrEqual(FEW);
    const { exitCode, stderr } = await run(command(outputDir, ALL));
    expect({ exitCode, resumed: Number(/(\d+) of 8 rows/.exec(stderr)?.[1]) }, what).toEqual({
      exitCode: 0,
      resumed: attempts,
    });
    expect(readFileSync(join(outputDir, NAME)).equals(all), what).toBe(true);
    for (const left of [`${NAME}.tmp`, `${NAME}l.lock`]) expect(existsSync(join(outputDir, left)), what).toBe(false);
  }

  test("a kill at every write, sync and rename of the result file leaves the old one or the new one", async ({
    annotate,
  }) => {
    let points = 0;
    for (const [target, syscall] of [
      ["result", "openat"],
      ["result", "write"],
      ["result", "fsync"],
      ["result", "rename"],
      ["folder", "fsync"],
      ["journal", "write"],
      ["journal", "fdatasync"],
      ["lock", "unlink"],
    ] as const) {
      for (let when = 1; when <= MOST; when++) {
        const end = await disturbed({ target, syscall, when, what: { signal: "KILL" } });
        if (end === undefined) break;
        points += 1;
        await expectConsistent(`${syscall} of the ${target}, call ${when}`);
      }
    }
    expect(points).toBeGreaterThanOrEqual(10);
    await annotate(`killed at ${points} calls: 0 half files, 0 rows lost`, "figure");
  });

  test("every file call fails once, the first, the second, … until a run is not reached: an error that names the file, and no harm", async ({
    annotate,
  }) => {
    let points = 0;
    let failed = 0;
    for (const [target, syscall, error] of [
      ["journal", "openat", "EMFILE"],
      ["journal", "openat", "EROFS"],
      ["journal", "ftruncate", "EIO"],
      ["journal", "write", "ENOSPC"],
      ["journal", "write", "EIO"],
      ["journal", "write", "EDQUOT"],
      ["journal", "fdatasync", "EIO"],
      ["result", "openat", "EMFILE"],
      ["result", "write", "ENOSPC"],
      ["result", "write", "EIO"],
      ["result", "fsync", "EIO"],
      ["result", "rename", "EROFS"],
      ["folder", "fsync", "EIO"],
      ["lock", "openat", "EMFILE"],
      ["lock", "write", "ENOSPC"],
      ["lock", "unlink", "EROFS"],
    ] as const) {
      for (let when = 1; when <= MOST; when++) {
        const what = `${error} of ${syscall} of the ${target}, call ${when}`;
        const end = await disturbed({ target, syscall, when, what: { error } });
        if (end === undefined) break;
        points += 1;
        if (end.exitCode !== 0) {
          failed += 1;
          expect(end.exitCode, what).toBe(1);
          expect(end.stderr, what).toMatch(/error: .*disturbed.*: cannot .*/);
          expect(end.stderr, what).not.toMatch(/^ {4}at /m);
        }
        await expectConsistent(what);
      }
    }
    expect(points).toBeGreaterThanOrEqual(20);
    await annotate(`${points} failing calls (${failed} of them end the run): 0 inconsistent states`, "figure");
  });
});

function command(outputDir: string, limit: number): string[] {
  const what = ["--model", "tiny", "--dataset", "smallworld", "--thinking", "no", "--temperature", "0"];
  return [...PKA, "eval", ...what, "--limit", String(limit), "--concurrency", "1", "--output-dir", outputDir];
}

function pathOf(target: Target, outputDir: string): string {
  const names = { journal: `${NAME}l`, result: `${NAME}.tmp`, folder: "", lock: `${NAME}l.lock` };
  return target === "folder" ? outputDir : join(outputDir, names[target]);
}
