import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  HAS_SHARED,
  type OpenaiStub,
  type OpenaiStubOptions,
  readShared,
  serveOpenai,
  SKIPPED,
  temporaryFolder,
} from "@pka/fault-kit";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka, startPka } from "./testing/run-pka.js";

const KEY = "sk-canary-0123456789";

function withKey({ baseUrl }: OpenaiStub) {
  return { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: baseUrl };
}

const startJudge = (options: Partial<OpenaiStubOptions>) => serveOpenai({ model: "gpt-5-mini-2025-08-07", ...options });

/** A QA result file with these answers, all of them to be `Paris`. */
function writeSource(folder: string, extracted: readonly string[], name = "nq_gpt52_no_cues.json"): string {
  mkdirSync(folder, { recursive: true });
  const results = extracted.map((answer, index) => ({
    question: `question ${index}`,
    ground_truth: ["Paris"],
    raw_prediction: answer,
    extracted_prediction: answer,
    num_tokens: 1,
    exact_match: false,
    recall: false,
  }));
  writeFileSync(join(folder, name), JSON.stringify({ results }));
  return join(folder, name);
}

/** The answer in a judge's prompt: it stands behind the last label. */
function answerIn(prompt: string): string {
  const label = "\nOriginal Answer: ";
  return prompt.slice(prompt.lastIndexOf(label) + label.length, -"\nRefined Answer:".length);
}

function rowsIn(path: string): { refined_answer: string; recalled: boolean; skipped?: boolean; error?: string }[] {
  return JSON.parse(readFileSync(path, "utf8")).results;
}

test("a refinement leaves the ex_ file and prints a table with its audit, or one JSON document", async () => {
  const server = await startJudge({ answer: (prompt) => ({ text: answerIn(prompt).split(" or ")[0]! }) });
  const folder = temporaryFolder();
  const source = writeSource(folder, ["Paris or Rome", "", "Rome or Paris", "Paris or Rome"]);
  const args = ["refine", "--target-files", source, "--reuse"];
  const table = await runPka(args, withKey(server));
  expect(table.stderr).not.toContain("canary");
  expect(table.exitCode).toBe(EXIT.done);
  expect(table.stdout).toMatch(/Ex-Recall/);
  expect(table.stdout).toMatch(/1 rows share the reply to an equal answer/);
  expect(table.stdout).toMatch(/hits turned into misses: 1 \(rows 2\)/);
  expect(rowsIn(join(folder, "ex_nq_gpt52_no_cues.json")).map((row) => row.refined_answer)).toEqual([
    "Paris",
    "",
    "Rome",
    "Paris",
  ]);

  const json = await runPka([...args, "--json"], withKey(server));
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: 1,
    command: "refine",
    judge: "openai:gpt-5-mini-2025-08-07",
    refinements: [
      {
        status: "complete",
        asked: 0,
        resumed: 2,
        summary: { total: 4, refined: 3, skipped: 1, reused: 1, recall: { successes: 2 } },
      },
    ],
  });
  expect(server.prompts).toHaveLength(2);
});

test("--all takes every QA result below the folder, and any judge of pka eval", async () => {
  const server = await startJudge({ model: "some/judge", answer: () => ({ text: "Paris" }) });
  const folder = temporaryFolder();
  writeSource(join(folder, "NQ", "gpt-5.2"), ["a"], "nq_gpt52_no_cues.json");
  writeSource(join(folder, "SimpleQA"), ["b"], "simpleqa_gpt52_no_cues.json");
  mkdirSync(join(folder, "MATH"));
  writeFileSync(join(folder, "MATH", "math_x.json"), '{"results":[{"problem":"1","correct":true}]}');
  const outputDir = join(folder, "refined");
  const judge = ["--model", "vllm:some/judge", "--renderer", "r1", "--thinking", "no", "--base-url", server.baseUrl];
  const run = await runPka(["refine", "--all", "--results_dir", folder, "--output_dir", outputDir, ...judge]);
  expect(run.stderr).toMatch(/skipped .*math_x\.json: a MATH result/);
  expect(run.exitCode).toBe(EXIT.done);
  for (const name of ["ex_nq_gpt52_no_cues.json", "ex_simpleqa_gpt52_no_cues.json"]) {
    expect(rowsIn(join(outputDir, name))).toMatchObject([{ refined_answer: "Paris", recalled: true }]);
  }
  expect(server.prompts.map((prompt) => answerIn(prompt.replace("<think>\n\n</think>", "")))).toEqual(["a", "b"]);
});

test("a dry run asks nothing, needs no key and names what would be written", async () => {
  const folder = temporaryFolder();
  const source = writeSource(folder, ["a", "", "a", "b"]);
  const { exitCode, stdout } = await runPka(["refine", "--target-files", source, "--dry-run", "--json"]);
  const resultPath = join(folder, "ex_nq_gpt52_no_cues.json");
  const plans = [{ sourcePath: source, resultPath, rows: 4, skipped: 1, requests: 3 }];
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, dryRun: true, plans });
  expect({ exitCode, isWritten: existsSync(resultPath) }).toEqual({ exitCode: EXIT.done, isWritten: false });
});

test("requests that fail leave their error in the file, are counted apart and asked again", async () => {
  let isBroken = true;
  const broken = { status: 400, body: '{"error":{"message":"the moon is full"}}' };
  const server = await startJudge({
    answer: (prompt) => (isBroken && answerIn(prompt) === "b" ? broken : { text: "Paris" }),
  });
  const folder = temporaryFolder();
  const args = ["refine", "--target-files", writeSource(folder, ["a", "b"])];
  const first = await runPka(args, withKey(server));
  expect(first.stderr).toMatch(/1 of 2 rows ended in an error; the same command asks them again/);
  expect(first.stdout).toMatch(/1 failed, 0 not asked/);
  const [, failed] = rowsIn(join(folder, "ex_nq_gpt52_no_cues.json"));
  expect(failed).toMatchObject({ refined_answer: "", recalled: false, error: expect.stringContaining("moon") });
  isBroken = false;
  const second = await runPka(args, withKey(server));
  expect(second.exitCode).toBe(EXIT.done);
  expect(rowsIn(join(folder, "ex_nq_gpt52_no_cues.json"))[1]).toMatchObject({ recalled: true, skipped: false });
  expect(server.prompts.map(answerIn).toSorted()).toEqual(["a", "b", "b"]);
});

test("the budget holds for all files together", async () => {
  // Replies of a million tokens and more, at 2 dollars for a million.
  const server = await startJudge({ answer: () => ({ text: "P".repeat(1_000_000) }) });
  const folder = temporaryFolder();
  const sources = ["a", "b", "c"].map((name) => writeSource(folder, [name], `nq_${name}.json`));
  const args = ["refine", "--target-files", ...sources, "--budget-usd", "3"];
  const { exitCode, stderr } = await runPka(args, withKey(server));
  expect(stderr).toMatch(/nq_b\.json: stopped: the budget of 3 US dollars is spent \(4\.\d\d so far\)/);
  expect({ exitCode, asked: server.prompts.length }).toEqual({ exitCode: EXIT.stopped, asked: 2 });
});

test("one file that cannot be refined does not take the others along", async () => {
  const server = await startJudge({ answer: () => ({ text: "Paris" }) });
  const folder = temporaryFolder();
  const [, second] = [writeSource(folder, ["a"], "nq_a.json"), writeSource(folder, ["b"], "nq_b.json")];
  writeFileSync(join(folder, "ex_nq_a.json"), '{"results":[]}');
  const { exitCode, stderr } = await runPka(["refine", "--all", "--results-dir", folder], withKey(server));
  expect(stderr).toMatch(/ex_nq_a\.json: this result file has no journal beside it/);
  expect(exitCode).toBe(EXIT.failed);
  expect(rowsIn(second.replace("nq_b", "ex_nq_b"))).toHaveLength(1);
});

// Windows has no signals: there, a process is ended without being asked.
test.skipIf(process.platform === "win32")("Ctrl-C once finishes what is in flight and writes the file", async () => {
  const server = await startJudge({ delayMs: 200, answer: () => ({ text: "Paris" }) });
  const folder = temporaryFolder();
  const answers = Array.from({ length: 200 }, (_, index) => `answer ${index}`);
  const args = ["refine", "--target-files", writeSource(folder, answers), "--concurrency", "4"];
  const run = startPka(args, withKey(server));
  while (server.prompts.length < 8) await new Promise((resolve) => setTimeout(resolve, 5));
  run.process.kill("SIGINT");
  const { exitCode } = await run.exited;
  expect(exitCode).toBe(EXIT.interrupted);
  const rows = rowsIn(join(folder, "ex_nq_gpt52_no_cues.json"));
  expect(rows).toHaveLength(answers.length);
  expect(rows.filter(({ error }) => error === undefined)).toHaveLength(server.prompts.length);
});

test("1,000 answers, 32 at a time, killed twice: nothing is lost, and only what was in flight is asked again", async () => {
  const numAnswers = 1000;
  const concurrency = 32;
  const answer = (prompt: string) => ({ text: `refined ${answerIn(prompt)}` });
  const server = await startJudge({ delayMs: 5, answer });
  const folder = temporaryFolder();
  const answers = Array.from({ length: numAnswers }, (_, index) => `answer ${index}`);
  const source = writeSource(folder, answers);
  const args = ["refine", "--target-files", source, "--concurrency", String(concurrency), "--output-dir"];
  const killed = join(folder, "killed");
  const killAfter = [150, 400];
  for (const replies of killAfter) {
    const before = server.prompts.length;
    const run = startPka([...args, killed], withKey(server));
    while (server.prompts.length < before + replies) await new Promise((resolve) => setTimeout(resolve, 1));
    run.process.kill("SIGKILL");
    await run.exited;
  }
  expect((await runPka([...args, killed], withKey(server))).exitCode).toBe(EXIT.done);
  const path = join(killed, "ex_nq_gpt52_no_cues.json");
  expect(rowsIn(path).map((row) => row.refined_answer)).toEqual(answers.map((text) => `refined ${text}`));
  expect(new Set(server.prompts).size).toBe(numAnswers);
  const askedAgain = server.prompts.length - numAnswers;
  expect(askedAgain).toBeLessThanOrEqual(concurrency * killAfter.length);
  const journal = readFileSync(`${path}l`, "utf8").split("\n");
  expect(journal.filter((line) => line.startsWith('{"type":"attempt"'))).toHaveLength(numAnswers);
}, 120_000);

// Equal answers got equal replies in this file; @pka/harness has the files in which the paper's judge changed its mind.
const TRACE = "NQ/gpt-5.2/nq_gpt52_no_cues";

test.skipIf(!HAS_SHARED)(
  `a server that gives the paper's replies: the file is the paper's, byte for byte${SKIPPED}`,
  async () => {
    const read = (path: string) => readShared(`paper-traces/${path}.json.gz`);
    const paper = read(TRACE.replace(/\/(?=[^/]*$)/, "/ex_"));
    const folder = temporaryFolder();
    const source = join(folder, `${TRACE.split("/").at(-1)}.json`);
    writeFileSync(source, read(TRACE));
    const { results } = JSON.parse(paper.toString()) as {
      results: Record<"original_extracted" | "refined_answer", string>[];
    };
    const replies = new Map(results.map((row) => [row.original_extracted, row.refined_answer]));
    const server = await startJudge({ answer: (prompt) => ({ text: replies.get(answerIn(prompt))! }) });
    expect((await runPka(["refine", "--target-files", source], withKey(server))).exitCode).toBe(EXIT.done);
    expect(readFileSync(source.replace(/nq_/, "ex_nq_")).equals(paper)).toBe(true);
  },
  300_000,
);
