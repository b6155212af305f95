import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveOpenai, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka, startPka } from "./testing/run-pka.js";

const NUM_QUESTIONS = 2000;
const CONCURRENCY = 16;
/** A kill after so many answers, counted from the start of each attempt. */
const KILL_AFTER = [150, 37, 1, 211, 90, 16, 300, 5, 120, 48];

test("a run of 2,000 questions that is killed ten times loses nothing and asks only what was in flight again", async () => {
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, "NQ"));
  const rows = Array.from({ length: NUM_QUESTIONS }, (_, i) =>
    JSON.stringify({ question: `q${i}`, answer: [`a${i % 3}`] }),
  );
  writeFileSync(join(dataDir, "NQ", "NQ-open.dev.jsonl"), `${rows.join("\n")}\n`);
  const answer = (prompt: string) => ({ text: `</think><answer>a${prompt.length % 3}</answer>` });
  const server = await serveOpenai({ delayMs: 5, answer });
  const asked = ["eval", "--model", "vllm:stub", "--renderer", "r1", "--dataset", "nq", "--data-dir", dataDir];
  const how = ["--base-url", server.baseUrl, "--concurrency", String(CONCURRENCY)];
  const args = (outputDir: string) => [...asked, ...how, "--output-dir", outputDir];
  const resultOf = (outputDir: string) =>
    readFileSync(join(outputDir, "nq_vllm-stub_no_cues_with_thinking.json"), "utf8");
  const killed = join(dataDir, "killed");
  for (const answers of KILL_AFTER) {
    const before = server.prompts.length;
    const run = startPka(args(killed));
    while (server.prompts.length < before + answers) await new Promise((resolve) => setTimeout(resolve, 1));
    run.process.kill("SIGKILL");
    await run.exited;
  }
  expect((await runPka(args(killed))).exitCode).toBe(EXIT.done);
  expect(new Set(server.prompts).size).toBe(NUM_QUESTIONS);
  expect(server.prompts.length - NUM_QUESTIONS).toBeLessThanOrEqual(CONCURRENCY * KILL_AFTER.length);

  const whole = join(dataDir, "whole");
  expect((await runPka(args(whole))).exitCode).toBe(EXIT.done);
  expect(resultOf(killed)).toBe(resultOf(whole));
}, 300_000);
