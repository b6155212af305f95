import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const temporary = mkdtempSync(join(tmpdir(), "pka-bad-input-"));
const outputDir = join(temporary, "out");
const evalTiny = ["eval", "--model", "tiny", "--limit", "1", "--output-dir", outputDir];
const MATH_FILE = resultFile("math_gpt52_no_cues.json", { problem: "1+1", solution: "2", correct: true });
const EX_FILE = resultFile("ex_nq_gpt52_no_cues.json", { question: "q", original_extracted: "a", recalled: true });
const QA_FILE = resultFile("nq_gpt52_no_cues.json", { question: "q", ground_truth: ["a"], extracted_prediction: "a" });
const tiny = [...evalTiny, "--dataset", "smallworld"];

/** A result file of one row. */
function resultFile(name: string, row: object): string {
  const path = join(temporary, name);
  writeFileSync(path, JSON.stringify({ results: [row] }));
  return path;
}

/** A folder that holds `nq` questions. */
async function dataDir(name: string, lines: string): Promise<string> {
  const folder = join(temporary, name);
  await mkdir(join(folder, "NQ"), { recursive: true });
  writeFileSync(join(folder, "NQ", "NQ-open.dev.jsonl"), lines);
  return folder;
}

test.each([
  { name: "no command", args: [], message: /Usage: pka/ },
  { name: "unknown command", args: ["evla"], message: /unknown command 'evla'[^]*Did you mean eval/ },
  { name: "unknown flag", args: [...tiny, "--temprature", "1"], message: /--temprature[^]*Did you mean --temperature/ },
  { name: "unknown model", args: [...tiny, "--model", "gpt-5.3"], message: /unknown model "gpt-5\.3".*gpt-5\.2/ },
  { name: "unknown dataset", args: [...tiny, "--dataset", "trivaqa"], message: /"trivaqa".*triviaqa/ },
  { name: "cues maybe", args: [...tiny, "--cues", "maybe"], message: /--cues[^]*yes or no/i },
  { name: "a hot temperature", args: [...tiny, "--temperature", "hot"], message: /--temperature[^]*number/ },
  { name: "top_p of 0", args: [...tiny, "--top_p", "0"], message: /--top-p[^]*above 0/ },
  { name: "limit of 1.5", args: [...tiny, "--limit", "1.5"], message: /--limit[^]*whole number/ },
  { name: "no model", args: ["eval", "--dataset", "nq"], message: /--model/ },
  { name: "no key", args: [...tiny, "--model", "gpt-5.2"], message: /OPENAI_API_KEY.*https:/ },
  { name: "checkpoint without name", args: [...tiny, "--checkpoint-uri", "tinker://x"], message: /--inference-name/ },
  { name: "name without checkpoint", args: [...tiny, "--inference_name", "x"], message: /--checkpoint-uri/ },
  {
    name: "checkpoint of a model without",
    args: [...tiny, "--checkpoint-uri", "x", "--inference-name", "y"],
    message: /tiny/,
  },
  { name: "an unknown split", args: [...tiny, "--split", "dev"], message: /split "dev".*test/ },
  { name: "budget without a price", args: [...tiny, "--budget-usd", "1"], message: /price/ },
  {
    name: "fail on 1.5 errors",
    args: [...tiny, "--fail-on-error", "1.5"],
    message: /--fail-on-error[^]*share.*number/,
  },
  { name: "retry and overwrite", args: [...tiny, "--retry", "error", "--overwrite"], message: /retry.*overwrite/ },
  { name: "base URL that is none", args: [...tiny, "--base-url", "localhost"], message: /--base-url[^]*http/ },
  { name: "base URL for a model without server", args: [...tiny, "--base-url", "http://127.0.0.1:1"], message: /tiny/ },
  { name: "an offset behind the end", args: [...tiny, "--offset", "1000000"], message: /offset 1000000/ },
  { name: "a data folder that is not there", args: [...tiny, "--data-dir", join(temporary, "none")], message: /none/ },
  { name: "refine: no target", args: ["refine"], message: /--target-files.*--all/ },
  { name: "refine: two ways to say which", args: ["refine", "--all", "--target-files", QA_FILE], message: /--all/ },
  {
    name: "refine: a missing file",
    args: ["refine", "--target-files", "nq_none.json"],
    message: /nq_none\.json.*no such/,
  },
  { name: "refine: a MATH file", args: ["refine", "--target-files", MATH_FILE], message: /math_gpt52.*MATH/ },
  { name: "refine: an ex_ file", args: ["refine", "--target-files", EX_FILE], message: /ex_nq_gpt52.*refined already/ },
  { name: "refine: a missing folder", args: ["refine", "--all", "--results-dir", "no-such"], message: /no-such/ },
  { name: "refine: no key", args: ["refine", "--target-files", QA_FILE], message: /OPENAI_API_KEY.*https:/ },
  {
    name: "refine: unknown judge",
    args: ["refine", "--target-files", QA_FILE, "--model", "x"],
    message: /unknown model/,
  },
  { name: "refine: start of -1", args: ["refine", "--all", "--start-index", "-1"], message: /--start-index/ },
  {
    name: "refine: budget without a price",
    args: ["refine", "--target-files", QA_FILE, "--model", "tiny", "--budget-usd", "1"],
    message: /price/,
  },
])("$name: a clear message and exit code 2", async ({ args, message }) => {
  const { exitCode, stdout, stderr } = await runPka(args);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect({ exitCode, stdout }).toEqual({ exitCode: EXIT.usage, stdout: "" });
});

test("an unknown dataset among several is noticed before anything is asked", async () => {
  const folder = join(temporary, "several");
  const args = ["eval", "--model", "tiny", "--limit", "1", "--output-dir", folder];
  const { exitCode, stderr } = await runPka([...args, "--dataset", "smallworld", "--dataset", "trivaqa"]);
  expect(stderr).toMatch(/"trivaqa".*triviaqa/);
  expect({ exitCode, written: existsSync(folder) }).toEqual({ exitCode: EXIT.usage, written: false });
});

test("gpt-5.2 without thinking is refused, and nothing is written", async () => {
  const args = ["eval", "--model", "gpt-5.2", "--thinking", "no", "--dataset", "smallworld", "--output-dir", outputDir];
  const { exitCode, stderr } = await runPka(args, { OPENAI_API_KEY: "sk-canary" });
  expect(stderr).toMatch(/gpt-5\.2.*without thinking/);
  expect(stderr).not.toContain("canary");
  expect(exitCode).toBe(EXIT.usage);
});

test.each([
  { name: "nobody listens", url: "http://127.0.0.1:9", message: /127\.0\.0\.1:9/ },
  { name: "a name that is none", url: "http://no-such-host.invalid/v1", message: /no-such-host\.invalid/ },
])("a server that is not there ($name) is exit code 1 and names the address", async ({ url, message }) => {
  const { exitCode, stderr } = await runPka([...tiny, "--model", "vllm:some", "--base-url", url]);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(EXIT.failed);
});

test("an output folder that is a file is exit code 1 and names the path", async () => {
  const file = join(temporary, "file");
  writeFileSync(file, "");
  const { exitCode, stderr } = await runPka([...tiny, "--output-dir", join(file, "out")]);
  expect(stderr).toContain(file);
  expect(exitCode).toBe(EXIT.failed);
});

test("a result of another condition is not mixed with this one", async () => {
  const first = await runPka([...tiny, "--output-dir", join(temporary, "mixed")]);
  expect(first.exitCode).toBe(EXIT.done);
  const second = await runPka([...tiny, "--output-dir", join(temporary, "mixed"), "--temperature", "1"]);
  expect(second.stderr).toMatch(/temperature: 0\.6.*1/);
  expect(second.exitCode).toBe(EXIT.failed);
  const third = await runPka([...tiny, "--output-dir", join(temporary, "mixed"), "--temperature", "1", "--overwrite"]);
  expect(third.exitCode).toBe(EXIT.done);
});

test.each([
  { name: "empty", lines: "", message: /no rows/ },
  { name: "bad line", lines: '{"question":"a","answer":["b"]}\n{"question":', message: /NQ-open\.dev\.jsonl.*2/ },
  { name: "missing field", lines: '{"question":"a"}\n', message: /NQ-open\.dev\.jsonl.*1.*answer/ },
])(
  "a dataset file with a fault ($name) is exit code 1 and names file, row and field",
  async ({ name, lines, message }) => {
    const folder = await dataDir(name, lines);
    const { exitCode, stderr } = await runPka([...evalTiny, "--dataset", "nq", "--data-dir", folder]);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(EXIT.failed);
  },
);

test("a question of 1 MB is asked like any other", async () => {
  const folder = await dataDir("long", `${JSON.stringify({ question: "why ".repeat(250_000), answer: ["so"] })}\n`);
  const args = [
    "eval",
    "--model",
    "tiny",
    "--dataset",
    "nq",
    "--data-dir",
    folder,
    "--output-dir",
    join(temporary, "long-out"),
  ];
  const { stderr, exitCode } = await runPka(args);
  // The embedded model's memory is smaller than that: an error of this row, by name, and no crash.
  expect(stderr).toMatch(/tokens/);
  expect([EXIT.done, EXIT.stopped]).toContain(exitCode);
});

test("a damaged result file is exit code 1 and names file, row and field", async () => {
  const damaged = resultFile("nq_damaged.json", { question: "q", extracted_prediction: "a" });
  const { exitCode, stderr } = await runPka(["refine", "--target-files", damaged, "--dry-run"]);
  expect(stderr).toMatch(/nq_damaged\.json: row 0 .*ground_truth/);
  expect(exitCode).toBe(EXIT.failed);
});
