import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
/** A heading that links an example, and the first block of text under it: what the example prints. */
const shown = [...readme.matchAll(/^## \[(?<file>[\w-]+\.ts)\].*?^```text\n(?<output>.*?)^```$/gms)].map(
  ({ groups }) => groups as { file: string; output: string },
);

test("the README shows the examples", () => {
  expect(shown.map(({ file }) => file)).toEqual([
    "grade-your-answers.ts",
    "add-a-dataset.ts",
    "add-a-provider.ts",
    "custom-reward.ts",
    "server-route.ts",
  ]);
});

test.each(shown)("$file prints what the README says", { timeout: 120_000 }, async ({ file, output }) => {
  const tsx = join(import.meta.dirname, "..", "node_modules", "tsx", "dist", "cli.mjs");
  const program = [tsx, "--conditions=@pka/source", join(import.meta.dirname, file)];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  expect(stdout).toBe(output);
});
