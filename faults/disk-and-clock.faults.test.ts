import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasFaketime, mountSmallDisk, underFaketime } from "@pka/fault-kit";
import { readJournal } from "@pka/harness";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PKA, run, start } from "./run-pka.js";

const NAME = "smallworld_tiny_no_cues_no_thinking.json";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pka-disk-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function command(outputDir: string, ...more: string[]): string[] {
  const what = ["--model", "tiny", "--dataset", "smallworld", "--thinking", "no", "--temperature", "0"];
  return [...PKA, "eval", ...what, "--output-dir", outputDir, ...more];
}

test("a disk of 256 KiB fills up: nothing lost, the earlier result intact, and with room the run goes on", async ({
  annotate,
  skip,
}) => {
  const disk = mountSmallDisk("256k");
  if (disk === undefined) skip("mounting is not permitted here");
  if (disk === undefined) return;
  try {
    const few = command(disk.folder, "--limit", "20");
    const all = ["--samples", "8"];
    expect((await run(few)).exitCode).toBe(0);
    const earlier = readFileSync(join(disk.folder, NAME));
    const full = await run(command(disk.folder, ...all));
    expect(full.exitCode).toBe(1);
    expect(full.stderr).toMatch(
      /no space left on the device \(ENOSPC\)\. Make room, then the same call goes on: about [\d.]+ [kM]B/,
    );
    expect(readFileSync(join(disk.folder, NAME))).toEqual(earlier);
    const kept = await attemptsIn(disk.folder);
    expect(kept.length).toBeGreaterThan(20);

    disk.resize("16m");
    const done = await run(command(disk.folder, ...all));
    expect({ exitCode: done.exitCode, said: done.stderr }).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining(`${kept.length} of 1536 rows are answered already`),
    });
    expect((await attemptsIn(disk.folder)).length).toBe(1536);
    await run(command(join(folder, "undisturbed"), ...all));
    expect(readFileSync(join(disk.folder, NAME)).equals(readFileSync(join(folder, "undisturbed", NAME)))).toBe(true);
    const needed = /about ([\d.]+ [kM]B)/.exec(full.stderr)?.[1];
    const took =
      (statSync(join(disk.folder, NAME)).size + statSync(join(disk.folder, `${NAME}l`)).size - 2 ** 18) / 1e3;
    await annotate(
      `full after ${kept.length} of 1,536 rows: 0 lost, exit code 1, "${needed}" said to be needed and ${took.toFixed(0)} kB taken`,
      "figure",
    );
  } finally {
    disk.unmount();
  }
});

test.skipIf(!hasFaketime())("clocks a day off, ten times as fast, and another at every start", async ({ annotate }) => {
  const clocks = ["-1d", "+1d", "+0 x10", "@2031-01-01 00:00:00", "+0 x0.2"];
  const outputDir = join(folder, "clocks");
  for (const [index, clock] of clocks.entries()) {
    const { exitCode, stderr } = await run(
      underFaketime(clock, command(outputDir, "--limit", String(8 * (index + 1)))),
    );
    expect({ clock, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  }
  // One that is killed leaves a lock of another time, which must not keep the next out.
  const journal = join(outputDir, `${NAME}l`);
  const { size } = statSync(journal);
  const killed = start(underFaketime("+1d", command(outputDir, "--samples", "100")));
  while (statSync(journal).size < size + 20_000 && killed.process.exitCode === null) await sleep(5);
  // Not `faketime` itself, but what it has started.
  const { pid } = JSON.parse(readFileSync(`${journal}.lock`, "utf8"));
  process.kill(pid, "SIGKILL");
  expect((await killed.exited).exitCode).not.toBe(0);
  expect(existsSync(`${journal}.lock`)).toBe(true);
  expect((await run(underFaketime("-1d", command(outputDir)))).exitCode).toBe(0);
  const attempts = await attemptsIn(outputDir);
  expect(attempts.filter(({ elapsedMs }) => !(elapsedMs >= 0))).toEqual([]);
  expect(attempts.filter(({ error }) => error !== undefined)).toEqual([]);
  await run(command(join(folder, "steady")));
  expect(resultIn(outputDir)).toEqual(resultIn(join(folder, "steady")));
  await annotate(`${clocks.length + 2} clocks, ${attempts.length} rows: 0 negative durations, 0 time-outs`, "figure");
});

/** Without what was spent: the run that was killed drew samples that are in no result. */
function resultIn(outputDir: string) {
  const result = JSON.parse(readFileSync(join(outputDir, NAME), "utf8"));
  delete result.pka.spend;
  return result;
}

async function attemptsIn(outputDir: string) {
  const attempts = [];
  for await (const record of readJournal(join(outputDir, `${NAME}l`))) {
    if (record.type === "attempt") attempts.push(record);
  }
  return attempts;
}
