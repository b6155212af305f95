import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { type OpenaiStub, serveOpenai, temporaryFolder } from "@pka/fault-kit";
import { runPka, startPka } from "./testing/run-pka.js";

/** The arguments of an evaluation of these questions, all of which "Paris" answers. */
function evalOf({ baseUrl }: OpenaiStub, questions: readonly string[]) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "NQ"));
  const lines = questions.map((question) => JSON.stringify({ question, answer: ["Paris"] }));
  writeFileSync(join(folder, "NQ", "NQ-open.dev.jsonl"), lines.join("\n"));
  const path = join(folder, "nq_vllm-stub_no_cues_with_thinking.json");
  const model = ["--model", "vllm:stub", "--renderer", "r1", "--base-url", baseUrl];
  return {
    args: ["eval", ...model, "--dataset", "nq", "--data-dir", folder, "--output-dir", folder],
    result: () => JSON.parse(readFileSync(path, "utf8")),
    attempts: () =>
      readFileSync(`${path}l`, "utf8")
        .split("\n")
        .flatMap((line) => (line.includes('"type":"attempt"') ? [JSON.parse(line) as { id: string }] : [])),
  };
}

const PARIS = { text: "x</think><answer>Paris</answer>" };

test("rows are asked again by outcome, compared with the others, and judged by --fail-on-error", async () => {
  let isRetry = false;
  const server = await serveOpenai({
    answer: (prompt) => {
      if (prompt.includes("fails")) return { status: 400, body: '{"error":{"message":"the moon is full"}}' };
      if (isRetry || prompt.includes("capital")) return PARIS;
      return prompt.includes("blank") ? { text: "" } : { text: "x</think><answer>Par", finishReason: "length" };
    },
  });
  // The first two rows are one question.
  const questions = ["capital of France", "capital of France", "blank", "cut", "it fails"];
  const { args, result } = evalOf(server, questions);
  const first = await runPka([...args, "--fail-on-error", "0.5"]);
  expect(first.exitCode).toBe(EXIT.done);
  expect(first.stderr).toMatch(/1 rows repeat the question of an earlier row/);
  expect(first.stderr).toMatch(/1 of 5 rows ended in an error; the same command asks them again/);
  expect(first.stdout).toMatch(/of 5 rows: 1 empty, 1 truncated, 1 error;/);
  expect(first.stdout).toMatch(/exact match +│ 40\.0 % │ 100\.0 % +│ .* │ \[40\.0, 100\.0\]/);
  expect(server.prompts).toHaveLength(5);

  isRetry = true;
  const second = await runPka([...args, "--retry", "empty,truncated", "--fail-on-error"]);
  expect(server.prompts).toHaveLength(7);
  expect(second.exitCode).toBe(EXIT.stopped);
  expect(second.stderr).toMatch(/failed: 1 of 5 rows ended in an error \(--fail-on-error true\)/);
  expect(second.stderr).toMatch(/the same command without --retry asks them again/);
  expect(second.stderr).toMatch(/2 rows were asked again because of what came out of them/);
  expect(second.stdout).toMatch(/2 rows were asked again \(at first: 1 empty, 1 truncated\)/);
  expect(second.stdout).toMatch(/recall of answered: 100\.0 % \(2 of 2\) asked again, 100\.0 % \(2 of 2\) asked once/);
  const { results, errors } = result();
  expect(
    results.map(({ question, attempts }: { question: string; attempts?: number }) => [question, attempts]),
  ).toEqual([
    ["capital of France", undefined],
    ["capital of France", undefined],
    ["blank", 2],
    ["cut", 2],
  ]);
  expect(errors).toMatchObject([{ question: "it fails" }]);

  const misspelt = await runPka([...args, "--retry", "eror"]);
  expect(misspelt.stderr).toMatch(/"eror" cannot be asked again; the outcomes that can are empty, truncated,/);
  expect({ exitCode: misspelt.exitCode, asked: server.prompts.length }).toEqual({ exitCode: EXIT.usage, asked: 7 });
});

test("a retry that is killed goes on with the rows that have not had their turn", async () => {
  const questions = Array.from({ length: 16 }, (_, n) => `question ${n}`);
  const server = await serveOpenai({ answer: () => ({ text: "" }), delayMs: 20 });
  const { args, attempts } = evalOf(server, questions);
  expect((await runPka(args)).exitCode).toBe(EXIT.done);
  const retry = startPka([...args, "--retry", "empty", "--concurrency", "2"]);
  while (server.prompts.length < 16 + 7) await new Promise((resolve) => setTimeout(resolve, 2));
  retry.process.kill("SIGKILL");
  await retry.exited;
  const before = attempts().length;
  expect(before).toBeGreaterThan(16);
  expect(before).toBeLessThan(32);
  expect((await runPka([...args, "--retry", "empty"])).exitCode).toBe(EXIT.done);
  const asked = attempts().map(({ id }) => id);
  const perRow = questions.map((_, n) => asked.filter((id) => id === `nq/${n}`).length);
  expect(perRow).toEqual(questions.map(() => 2));
});
