import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findPatterns, type Pattern } from "./find-patterns.js";
import { child, run } from "./run-pka.js";

/** A text that keeps one pattern busy for longer hangs it. */
const SILENCE_MS = 20_000;

/** Patterns of more than linear time, and what bounds the texts that they see. */
const BOUNDED: Record<string, string> = {
  "packages/grading/src/math-verify/tokenize.ts /(?:,?\\s*\\\\!\\s*|\\{,\\}|\\\\,\\s*)(\\d{3})(?!\\d)/":
    "answers over 2,000 characters are refused; tried behind a number only, so white space is read twice",
  "packages/grading/src/rl-reward/normalize-reward-answer.ts /<[^>]+>/": "the text that it sees ends with its last >",
};

interface Found {
  readonly index: number;
  readonly text?: unknown;
  readonly texts?: number;
  readonly worst?: { readonly ms: number; readonly text: unknown };
  readonly slow?: { readonly ms: number; readonly ratio: number; readonly length: number; readonly text: unknown };
}

test("D7 every pattern in the sources takes linear time", { timeout: 1_800_000 }, async ({ annotate }) => {
  const { literals, built } = findPatterns();
  const patterns = [...literals];
  for (const { file, calls } of built) {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    const { stdout, stderr } = await run(child("built-patterns", path));
    expect(stderr).toBe("");
    const found = JSON.parse(stdout) as Omit<Pattern, "where">[];
    expect(found.length, `patterns that ${file} builds`).toBeGreaterThanOrEqual(calls);
    patterns.push(...found.map((pattern) => ({ ...pattern, where: file })));
  }
  const reports = await timePatterns(patterns);
  const slow = reports.flatMap((report, index) => {
    const { where, source, flags } = patterns[index]!;
    return report.slow === undefined
      ? []
      : [{ key: `${where.replace(/:\d+$/, "")} /${source}/`, where, flags, slow: report.slow }];
  });
  const unexplained = slow.filter(({ key }) => BOUNDED[key] === undefined);
  expect(unexplained).toEqual([]);
  expect(Object.keys(BOUNDED).toSorted()).toEqual([...new Set(slow.map(({ key }) => key))].toSorted());

  const checked = reports.filter(({ texts }) => texts !== undefined);
  expect(checked).toHaveLength(patterns.length);
  const texts = checked.reduce((sum, report) => sum + report.texts!, 0);
  const worst = checked.reduce((most, report) => (report.worst!.ms > most.worst!.ms ? report : most));
  await annotate(
    `${checked.length} of ${patterns.length} patterns, ${texts.toLocaleString("en")} texts of 200,000 characters: ` +
      `${patterns.length - slow.length} take linear time (worst ${worst.worst!.ms.toFixed(0)} ms: ${patterns[worst.index]!.where}), ` +
      `${slow.length} see bounded texts only`,
    "figure",
  );
});

/** One report per pattern. A process that falls silent is ended, and another goes on behind the pattern that silenced it. */
async function timePatterns(patterns: readonly Pattern[]): Promise<Found[]> {
  const folder = mkdtempSync(join(tmpdir(), "pka-patterns-"));
  const file = join(folder, "patterns.json");
  writeFileSync(file, JSON.stringify(patterns));
  const reports: Found[] = [];
  while (reports.length < patterns.length) {
    const [program = "", ...args] = child("time-patterns", file, String(reports.length));
    const timing = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let last: unknown;
    let isSilent = false;
    const silence = setTimeout(() => {
      isSilent = true;
      timing.kill("SIGKILL");
    }, SILENCE_MS);
    for await (const line of createInterface({ input: timing.stdout })) {
      silence.refresh();
      const found = JSON.parse(line) as Found;
      if (found.text === undefined) reports.push(found);
      else last = found.text;
    }
    clearTimeout(silence);
    if (reports.length === patterns.length) break;
    if (!isSilent) throw new Error(`the child ended at pattern ${reports.length}`);
    const slow = { ms: SILENCE_MS, ratio: Number.POSITIVE_INFINITY, length: 200_000, text: last };
    reports.push({ index: reports.length, texts: 0, worst: { ms: 0, text: last }, slow });
  }
  rmSync(folder, { recursive: true });
  return reports;
}
