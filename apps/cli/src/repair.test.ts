import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test, vi } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const NAME = "smallworld_tiny_no_cues_no_thinking.json";

// Programs that are started one after the other: slow on a machine that has other work.
vi.setConfig({ testTimeout: 120_000 });

/** Evaluates the embedded model on `limit` questions of its world. */
function evaluate(outputDir: string, limit = 8) {
  const what = ["--model", "tiny", "--dataset", "smallworld", "--thinking", "no", "--temperature", "0"];
  return runPka(["eval", ...what, "--limit", String(limit), "--output-dir", outputDir]);
}

test("a damaged journal stops the run and names pka repair, after which the same command asks what was lost", async () => {
  const outputDir = temporaryFolder();
  const result = join(outputDir, NAME);
  const journal = `${result}l`;
  expect((await evaluate(outputDir)).exitCode).toBe(EXIT.done);
  const whole = readFileSync(result);
  const damaged = readFileSync(journal);
  const hit = damaged.lastIndexOf('"outcome"', damaged.length - 900);
  damaged[hit] = 0x1b;
  writeFileSync(journal, damaged);

  const refused = await evaluate(outputDir);
  expect(refused.exitCode).toBe(EXIT.failed);
  expect(refused.stderr).toContain(`\`pka repair ${journal}\` keeps every good record`);

  const dryRun = await runPka(["repair", journal, "--dry-run", "--json"]);
  const { schema, command, files } = JSON.parse(dryRun.stdout);
  expect({ schema, command, files }).toMatchObject({
    schema: 1,
    command: "repair",
    files: [{ journalPath: journal, status: "damaged", attempts: 7, tornBytes: 0, backupPath: null, result: null }],
  });
  const [{ offset, length, rows }] = files[0].lost;
  expect(hit).toBeGreaterThan(offset);
  expect(hit).toBeLessThan(offset + length);
  expect(readFileSync(journal)).toEqual(damaged);

  const repaired = await runPka(["repair", result]);
  expect(repaired.exitCode).toBe(EXIT.done);
  expect(repaired.stdout).toContain(`${journal}: repaired, 7 attempts kept, 1 place lost\n`);
  expect(repaired.stdout).toMatch(new RegExp(`lost: ${length} bytes at ${offset} .*rows ${rows[0]}\n`));
  expect(repaired.stdout).not.toContain("\u001b");
  const backup = readdirSync(outputDir).find((name) => name.startsWith(`${NAME}l.bak-`));
  expect(readFileSync(join(outputDir, backup!))).toEqual(damaged);
  expect((await runPka(["repair", journal])).stdout).toBe(`${journal}: sound, 7 attempts\n`);

  const again = await evaluate(outputDir);
  expect(again.exitCode).toBe(EXIT.done);
  expect(again.stderr).toContain("7 of 8 rows are answered already");
  expect(readFileSync(result)).toEqual(whole);
});

test("--rebuild writes the result file from the journal, --header-from replaces a lost header", async () => {
  const outputDir = temporaryFolder();
  const result = join(outputDir, NAME);
  await evaluate(outputDir);
  const whole = readFileSync(result);
  rmSync(result);
  expect((await runPka(["repair", `${result}l`, "--rebuild"])).stdout).toContain("written anew, complete, 8 rows of 8");
  expect(readFileSync(result)).toEqual(whole);

  const elsewhere = join(outputDir, "elsewhere");
  await evaluate(elsewhere, 1);
  const journal = readFileSync(`${result}l`);
  journal[30]! ^= 1;
  writeFileSync(`${result}l`, journal);
  const refused = await runPka(["repair", `${result}l`]);
  expect({ exitCode: refused.exitCode, stdout: refused.stdout }).toEqual({ exitCode: EXIT.failed, stdout: "" });
  expect(refused.stderr).toContain("--header-from <journal>");
  const repaired = await runPka(["repair", `${result}l`, "--header-from", join(elsewhere, `${NAME}l`)]);
  expect(repaired.exitCode).toBe(EXIT.done);
  rmSync(result);
  expect((await evaluate(outputDir)).stderr).toContain("8 of 8 rows are answered already");
  expect(readFileSync(result)).toEqual(whole);
});

test("one file that cannot be repaired does not take the others along", async () => {
  const outputDir = temporaryFolder();
  await evaluate(outputDir, 2);
  const absent = join(outputDir, "absent.jsonl");
  const notes = join(outputDir, "notes.jsonl");
  writeFileSync(notes, "mine\n");
  const { exitCode, stdout, stderr } = await runPka(["repair", absent, notes, join(outputDir, NAME)]);
  expect(exitCode).toBe(EXIT.failed);
  expect(stderr).toContain(`${absent}: cannot read the journal: there is no such file (ENOENT)`);
  expect(stderr).toContain(`${notes}: it holds no record of a journal`);
  expect(stdout).toBe(`${join(outputDir, NAME)}l: sound, 2 attempts\n`);
  expect(existsSync(`${absent}.lock`)).toBe(false);
});
