import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { type OpenaiStub, serveOpenai, temporaryFolder } from "@pka/fault-kit";
import { runPka, startPka } from "./testing/run-pka.js";

const JOURNAL = "smallworld_vllm-stub_no_cues_with_thinking.jsonl";
const ANSWER = `Bah</think> <answer>${"V".repeat(976)}</answer>`;

/** An answer of 1,005 tokens costs 0.1005 dollars, its prompt nothing. */
function evalArgs(folder: string, { baseUrl }: OpenaiStub, ...more: string[]): string[] {
  const prices = join(folder, "prices.json");
  const price = { input_per_million: 0, output_per_million: 100 };
  writeFileSync(prices, JSON.stringify({ as_of: "2026-01-01", source: "test", prices: { "vllm:stub": price } }));
  const model = ["--model", "vllm:stub", "--renderer", "r1", "--base-url", baseUrl, "--prices", prices];
  return ["eval", "--dataset", "smallworld", "--split", "sft", "--output-dir", folder, ...model, ...more];
}

const COST = (ANSWER.length * 100) / 1e6;

test("a budget of 1 dollar stops at 1 plus what was in flight, and a higher one goes on from there", async () => {
  const concurrency = 4;
  const server = await serveOpenai({ answer: () => ({ text: ANSWER }), delayMs: 5 });
  const folder = temporaryFolder();
  const args = evalArgs(folder, server, "--concurrency", String(concurrency), "--limit", "40", "--json");
  const first = await runPka([...args, "--budget-usd", "1"]);
  expect(first.exitCode).toBe(EXIT.stopped);
  expect(first.stderr).toMatch(/40 to ask: .* tokens, \$0\.\d+ to \$16\.\d\d/);
  expect(first.stderr).toMatch(/the budget of 1 US dollars is spent/);
  const spent = server.prompts.length * COST;
  expect(spent).toBeGreaterThanOrEqual(1);
  expect(spent).toBeLessThan(1 + concurrency * COST);
  const document = JSON.parse(first.stdout);
  expect(document.budget).toMatchObject({ usd: 1, spentUsd: expect.closeTo(spent, 9) });
  expect(document.price).toMatchObject({ outputPerMillion: 100, asOf: "2026-01-01", source: "test" });
  const [{ report }] = document.evaluations;
  expect(report.spend).toMatchObject({ costUsd: expect.closeTo(spent, 9), possiblyBilled: 0, uncounted: 0 });
  expect(report.spend.completionTokens).toBe(server.prompts.length * ANSWER.length);

  // Nothing is left, so nothing is asked.
  const asked = server.prompts.length;
  expect((await runPka([...args, "--budget-usd", "1"])).exitCode).toBe(EXIT.stopped);
  expect(server.prompts).toHaveLength(asked);

  const raised = await runPka([...args, "--budget-usd", "2"]);
  expect(raised.exitCode).toBe(EXIT.stopped);
  expect(raised.stderr).toMatch(new RegExp(`from ${asked} answers so far`));
  expect(server.prompts.length * COST).toBeGreaterThanOrEqual(2);
  expect(server.prompts.length * COST).toBeLessThan(2 + concurrency * COST);

  const whole = await runPka([...args, "--budget-usd", "100"]);
  expect(whole.exitCode).toBe(EXIT.done);
  expect(server.prompts).toHaveLength(40);
  const { pka } = JSON.parse(readFileSync(join(folder, JOURNAL.slice(0, -1)), "utf8"));
  expect(pka.spend).toMatchObject({
    completion_tokens: 40 * ANSWER.length,
    cost_usd: expect.closeTo(40 * COST, 9),
    possibly_billed: 0,
  });
}, 240_000);

test("a budget of tokens holds for all datasets of the command, with what earlier runs spent on the later ones", async () => {
  const server = await serveOpenai({ answer: () => ({ text: ANSWER }) });
  const folder = temporaryFolder();
  const data = join(folder, "data");
  const args = evalArgs(folder, server, "--concurrency", "1", "--limit", "3");
  // 3 answers about the second dataset, by an earlier run.
  expect((await runPka(args)).exitCode).toBe(EXIT.done);
  const perQuestion = [...server.prompts].map((prompt) => prompt.length + ANSWER.length);
  const spent = perQuestion.reduce((sum, tokens) => sum + tokens, 0);
  // Room for one more answer at most, and the first dataset gets it.
  mkdirSync(join(data, "SimpleQA"), { recursive: true });
  writeFileSync(
    join(data, "SimpleQA", "simple_qa_test_set.csv"),
    `metadata,problem,answer\n${["a", "b", "c"].map((name) => `{},Who is ${name}?,Nobody`).join("\n")}\n`,
  );
  const both = args.flatMap((argument) =>
    argument === "smallworld" ? ["simpleqa", "--dataset", "smallworld"] : argument,
  );
  const withoutSplit = both.filter((argument) => argument !== "--split" && argument !== "sft");
  const run = await runPka([...withoutSplit, "--data-dir", data, "--budget-tokens", String(spent + 1)]);
  expect(run.stderr).toMatch(/the budget of [\d,]+ tokens is spent/);
  expect(run.exitCode).toBe(EXIT.stopped);
  expect(server.prompts).toHaveLength(4);
}, 240_000);

test("a run that is killed says how many requests may have been billed without an answer", async () => {
  const folder = temporaryFolder();
  const hanging = await serveOpenai({ delayMs: 600_000 });
  const killed = startPka(evalArgs(folder, hanging, "--concurrency", "4", "--limit", "8"));
  while (hanging.prompts.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  killed.process.kill("SIGKILL");
  await killed.exited;

  const server = await serveOpenai({ answer: () => ({ text: ANSWER }) });
  const args = evalArgs(folder, server, "--concurrency", "4", "--limit", "8");
  const table = await runPka(args);
  expect(table.exitCode).toBe(EXIT.done);
  expect(table.stdout).toMatch(/\$0\.8\d+; .* tokens; at most 4 more requests billed without an answer/);
  expect(table.stderr).toMatch(/4 possibly billed/);
  const { evaluations } = JSON.parse((await runPka([...args, "--json"])).stdout);
  expect(evaluations[0].report.spend.possiblyBilled).toBe(4);
  const { pka } = JSON.parse(readFileSync(join(folder, JOURNAL.slice(0, -1)), "utf8"));
  expect(pka.spend.possibly_billed).toBe(4);
}, 240_000);

test("a question that kills every run is asked --max-attempts times and no more", async () => {
  const folder = temporaryFolder();
  const hanging = await serveOpenai({ delayMs: 600_000 });
  for (let run = 1; run <= 2; run++) {
    const killed = startPka(evalArgs(folder, hanging, "--limit", "1", "--max-attempts", "2"));
    while (hanging.prompts.length < run) await new Promise((resolve) => setTimeout(resolve, 5));
    killed.process.kill("SIGKILL");
    await killed.exited;
  }
  const { stderr, exitCode } = await runPka(evalArgs(folder, hanging, "--limit", "1", "--max-attempts", "2"));
  expect(stderr).toMatch(/1 rows were asked 2 times without an answer/);
  expect({ exitCode, asked: hanging.prompts.length }).toEqual({ exitCode: EXIT.done, asked: 2 });
}, 240_000);

test("requests that were lost and asked again are counted", async () => {
  let asked = 0;
  // The work may have been done before the server failed.
  const broken = { status: 500, body: '{"error":{"message":"oops"}}' };
  const server = await serveOpenai({ answer: () => (asked++ === 0 ? broken : { text: ANSWER }) });
  const folder = temporaryFolder();
  const { stdout } = await runPka(evalArgs(folder, server, "--limit", "2", "--concurrency", "1", "--json"));
  expect(JSON.parse(stdout).evaluations[0].report.spend.possiblyBilled).toBe(1);
}, 240_000);

test("a dry run tells what is left and what it will take, from the limits or from answers", async () => {
  const server = await serveOpenai({ answer: () => ({ text: ANSWER }) });
  const folder = temporaryFolder();
  const args = evalArgs(folder, server, "--concurrency", "4", "--limit");
  const before = JSON.parse((await runPka([...args, "40", "--dry-run", "--json"])).stdout);
  expect(before.plans[0]).toMatchObject({ answered: 0, estimate: { questions: 40, basis: "limits" } });
  // R1 may take 4,096 tokens for an answer.
  expect(before.plans[0].estimate.costUsd.high).toBeCloseTo(40 * 4096 * 100e-6, 9);
  expect(server.prompts).toHaveLength(0);
  await runPka([...args, "12"]);
  const [plan] = JSON.parse((await runPka([...args, "40", "--dry-run", "--json"])).stdout).plans;
  expect(plan).toMatchObject({ answered: 12, estimate: { questions: 28, basis: "answers", numAnswers: 12 } });
  const { low, high } = plan.estimate.costUsd;
  // Every answer has the same length here.
  expect([low, high]).toEqual([expect.closeTo(28 * COST, 9), expect.closeTo(28 * COST, 9)]);
  const table = await runPka([...args, "40", "--dry-run"]);
  expect(table.stdout).toMatch(/28 to ask: .*\$2\.81 \(from 12 answers so far\)/);
  expect(table.stdout).toMatch(/spent before: \$1\.21/);
}, 240_000);

test.each([
  ["that is not there", "none.json", undefined, /--prices .*none\.json.*no such file/],
  ["that is no JSON", "p.json", "{", /p\.json is not JSON/],
  [
    "with a wrong field",
    "p.json",
    '{"prices":{"vllm:stub":{"input_per_million":1}}}',
    /vllm:stub > output_per_million/,
  ],
])("a price file %s is a usage error", async (_, name, content, message) => {
  const path = join(temporaryFolder(), name);
  if (content !== undefined) writeFileSync(path, content);
  const args = ["eval", "--model", "tiny", "--dataset", "smallworld", "--prices", path];
  const { exitCode, stderr } = await runPka(args);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(EXIT.usage);
});

test("the user's own prices are found in the configuration folder", async () => {
  const config = temporaryFolder();
  mkdirSync(join(config, "pka"));
  const price = { input_per_million: 1, output_per_million: 1 };
  writeFileSync(join(config, "pka", "prices.json"), JSON.stringify({ prices: { tiny: price } }));
  const args = ["eval", "--model", "tiny", "--dataset", "smallworld", "--dry-run", "--json", "--limit", "1"];
  const { stdout } = await runPka(args, { XDG_CONFIG_HOME: config });
  expect(JSON.parse(stdout).price).toMatchObject({ inputPerMillion: 1, asOf: "not said" });
});
