import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

/** A results folder with thinking and without, and what else it is given. */
function resultsFolder(more: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "NQ"));
  const rows = (recall: boolean) =>
    ["a", "b", "c"].map((question) => ({
      question,
      ground_truth: ["gold"],
      raw_prediction: "<answer>\u001b[31mgold</answer>",
      extracted_prediction: "gold",
      num_tokens: 5,
      exact_match: false,
      recall,
    }));
  const files = {
    "NQ/nq_gptoss20b_no_cues_with_thinking.json": JSON.stringify({ results: rows(true) }),
    "NQ/nq_gptoss20b_no_cues_no_thinking.json": JSON.stringify({ results: rows(false) }),
    ...more,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("pka report writes one HTML file and prints where", async () => {
  const folder = resultsFolder();
  const output = join(folder, "report.html");
  const { exitCode, stdout, stderr } = await runPka([
    "report",
    folder,
    "--output",
    output,
    "--title",
    "Ours & <theirs>",
  ]);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: EXIT.done, stdout: `${output}\n`, stderr: "" });
  const html = readFileSync(output, "utf8");
  expect(html).toContain("<title>Ours &amp; &lt;theirs&gt;</title>");
  expect(html).not.toMatch(/(?:src|href)="https?:/);
});

test.each([
  ["md", /^# pka-test-.*\n\n\| dataset \|[^]*\+100\.0/],
  ["csv", /^what,file,dataset,[^]*difference: thinking,NQ\/nq_gptoss20b_no_cues_with_thinking\.json/],
  ["json", /^\{\n {2}"schema": 1,/],
])("--format %s prints the figures to stdout", async (format, pattern) => {
  const { exitCode, stdout } = await runPka(["report", resultsFolder(), "--format", format]);
  expect(stdout).toMatch(pattern);
  expect(exitCode).toBe(EXIT.done);
});

test("a truncated file is named, the rest is reported, the exit code is 1", async () => {
  const folder = resultsFolder({ "nq_gpt52_no_cues.json": '{"results": [{"question": "a"' });
  const output = join(folder, "out.html");
  const { exitCode, stdout, stderr } = await runPka(["report", folder, "--output", output, "--json"]);
  expect(exitCode).toBe(EXIT.failed);
  expect(stderr).toMatch(/^error: nq_gpt52_no_cues\.json: byte \d+: the file ends/);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    command: "report",
    output,
    runs: 2,
    problems: [{ file: "nq_gpt52_no_cues.json", severity: "error" }],
  });
  expect(readFileSync(output, "utf8")).toContain("nq_gpt52_no_cues.json");
});

test.each([
  {
    name: "an empty folder",
    args: (folder: string) => [folder],
    says: /no result file \(\.json or \.json\.gz\)/,
    exitCode: 1,
  },
  {
    name: "a folder that is not there",
    args: (folder: string) => [join(folder, "nowhere")],
    says: /nowhere: cannot read the folder/,
    exitCode: 1,
  },
  {
    name: "an unknown format",
    args: (folder: string) => [folder, "--format", "pdf"],
    says: /Allowed choices/,
    exitCode: 2,
  },
  {
    name: "a limit too low",
    args: (folder: string) => [folder, "--max-chars", "9"],
    says: /whole number from 100/,
    exitCode: 2,
  },
  { name: "no folder", args: () => [], says: /missing required argument/, exitCode: 2 },
])("$name is refused", async ({ args, says, exitCode }) => {
  const folder = temporaryFolder();
  const run = await runPka(["report", ...args(folder)]);
  expect(run.stderr).toMatch(says);
  expect(run.stderr).not.toMatch(/ {4}at /);
  expect(run.exitCode).toBe(exitCode);
  expect(existsSync("report.html")).toBe(false);
});

test("an output that cannot be written is named", async () => {
  const output = join(temporaryFolder(), "no", "such", "folder.html");
  const { exitCode, stderr } = await runPka(["report", resultsFolder(), "--output", output]);
  expect(stderr).toContain(`${output}: cannot write the report`);
  expect(exitCode).toBe(EXIT.failed);
});

test("a folder whose every file is damaged fails and leaves a report that says so", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "nq_gpt52_no_cues.json"), "[");
  const output = join(folder, "out.html");
  const { exitCode } = await runPka(["report", folder, "--output", output]);
  expect(exitCode).toBe(EXIT.failed);
  expect(readFileSync(output, "utf8")).toContain("No result file could be used.");
});
