import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { describe, expect, onTestFinished, test } from "vitest";
import { answerServer } from "./__fixtures__/answer-server.js";
import { firstOutput, startChild } from "./__fixtures__/child.js";
import { answeringModel, collect, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { OutputError } from "./errors.js";
import { evaluate } from "./evaluate.js";
import { readJournal } from "./journal/read.js";

const CHILD = new URL("./__fixtures__/evaluate-child.ts", import.meta.url);
const QUESTIONS = 1500;
const NAME = "nq_canned_no_cues_with_thinking";
const canMount = process.platform === "linux" && process.getuid?.() === 0;

test.skipIf(!canMount)(
  `a full disk leaves a valid journal, and the run continues once there is room${canMount ? "" : " (skipped: root on Linux only)"}`,
  async ({ skip }) => {
    const outputDir = join(temporaryFolder(), "small");
    mkdirSync(outputDir);
    const resize = (size: string, more = "") =>
      spawnSync("/bin/mount", ["-t", "tmpfs", "-o", `size=${size}${more}`, "tmpfs", outputDir]).status === 0;
    if (!resize("256k")) skip("mounting is not permitted here");
    onTestFinished(() => void spawnSync("/bin/umount", [outputDir]));

    const options = optionsOf(outputDir, qaExamples(QUESTIONS), answeringModel());
    const failed = evaluate(options);
    await expect(failed).rejects.toThrow(OutputError);
    await expect(failed).rejects.toThrow("no space left on the device (ENOSPC)");
    expect(readdirSync(outputDir)).toEqual([`${NAME}.jsonl`]);
    const kept = await countAttempts(join(outputDir, `${NAME}.jsonl`));
    expect(kept).toBeGreaterThan(50);
    const [, amount, unit, toAsk] = /about ([\d.]+) (kB|MB) for (\d+) rows to be asked/.exec(await messageOf(failed))!;
    const needed = Number(amount) * (unit === "kB" ? 1e3 : 1e6);
    expect(Number(toAsk)).toBe(QUESTIONS - kept);

    // Still full: refused again, and still nothing lost.
    await expect(evaluate(options)).rejects.toThrow("ENOSPC");
    expect(readdirSync(outputDir)).toEqual([`${NAME}.jsonl`]);
    expect(resize("16m", ",remount")).toBe(true);
    const model = answeringModel();
    const report = await evaluate({ ...options, model });
    expect(report).toMatchObject({ status: "complete", resumed: kept, asked: QUESTIONS - kept });
    // What it took in the end, against what the error had said.
    const full = 256 * 1024;
    const took = statSync(report.journalPath).size + statSync(report.resultPath).size - full;
    expect(needed / took).toBeGreaterThan(0.8);
    expect(needed / took).toBeLessThan(1.5);
    const undisturbed = await evaluate({ ...options, outputDir: temporaryFolder() });
    expect(readFileSync(report.resultPath).equals(readFileSync(undisturbed.resultPath))).toBe(true);
  },
);

describe.skipIf(process.platform === "win32")("a limit on the size of files", () => {
  test("has the same effect: what was recorded stays and the run continues", async () => {
    const outputDir = temporaryFolder();
    const server = await answerServer(() => 0);
    const limited = startChild(CHILD, [outputDir, server.url, "1000"], 64);
    expect(JSON.parse(await firstOutput(limited)).error).toMatch(/cannot append a record of \d+ bytes .*EFBIG/);
    const kept = await countAttempts(join(outputDir, `${NAME}.jsonl`));
    expect(kept).toBeGreaterThan(50);
    const report = await evaluate(optionsOf(outputDir, qaExamples(1000), answeringModel()));
    expect(report).toMatchObject({ status: "complete", resumed: kept });
  });
});

test("a result that cannot be written leaves the earlier one as it was, and the next call writes it", async () => {
  const outputDir = temporaryFolder();
  const options = optionsOf(outputDir, qaExamples(4).slice(0, 2), answeringModel());
  const { resultPath } = await evaluate(options);
  const earlier = readFileSync(resultPath);
  mkdirSync(`${resultPath}.tmp`);
  const more = optionsOf(outputDir, qaExamples(4), answeringModel());
  await expect(evaluate(more)).rejects.toThrow("cannot write the result file: it is a folder (EISDIR)");
  expect(readFileSync(resultPath)).toEqual(earlier);
  expect(existsSync(`${resultPath}l.lock`)).toBe(false);
  rmdirSync(`${resultPath}.tmp`);
  await expect(evaluate(more)).resolves.toMatchObject({ resumed: 4, asked: 0, resultWritten: true });
});

async function messageOf(failing: Promise<unknown>): Promise<string> {
  return failing.then(
    () => "",
    (error: unknown) => String(error),
  );
}

async function countAttempts(journalPath: string): Promise<number> {
  return (await collect(readJournal(journalPath))).filter(({ type }) => type === "attempt").length;
}
