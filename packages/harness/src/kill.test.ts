import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { answerServer } from "./__fixtures__/answer-server.js";
import { firstOutput, kill, startChild } from "./__fixtures__/child.js";
import { collect, completion, modelOf, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { evaluate } from "./evaluate.js";
import { readJournal } from "./journal/read.js";

const CHILD = new URL("./__fixtures__/evaluate-child.ts", import.meta.url);
const CONCURRENCY = 16;
const QUESTIONS = 2000;
/** Milliseconds of asking before each kill. */
const KILLS = [30, 250, 90, 400, 170];

test("kill -9 in the middle of 2,000 questions, again and again: nothing lost, nothing asked twice but what was in flight", async () => {
  const outputDir = temporaryFolder();
  const server = await answerServer((question) => (question.length * 7) % 20);
  const total = () => [...server.asked.values()].reduce((sum, times) => sum + times, 0);

  for (const afterMs of KILLS) {
    const before = total();
    const child = startChild(CHILD, [outputDir, server.url, String(QUESTIONS)]);
    while (total() === before && child.exitCode === null) await sleep(2);
    await sleep(afterMs);
    expect(child.exitCode).toBeNull();
    await kill(child);
  }
  const inJournal = await collect(readJournal(join(outputDir, "nq_canned_no_cues_with_thinking.jsonl")));
  const kept = inJournal.filter(({ type }) => type === "attempt").length;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(QUESTIONS);

  const last = startChild(CHILD, [outputDir, server.url, String(QUESTIONS)]);
  const end = JSON.parse(await firstOutput(last));
  expect(end).toEqual({ status: "complete", resumed: kept, asked: QUESTIONS - kept });
  expect(server.asked.size).toBe(QUESTIONS);
  expect(total() - QUESTIONS).toBeLessThanOrEqual(CONCURRENCY * KILLS.length);

  // One attempt per row, and the file of a run that was never killed.
  const path = join(outputDir, "nq_canned_no_cues_with_thinking.json");
  const rows = (await collect(readJournal(`${path}l`))).flatMap((record) => ("id" in record ? [record.id] : []));
  expect(rows).toHaveLength(QUESTIONS);
  expect(new Set(rows).size).toBe(QUESTIONS);
  const model = modelOf(({ question }) => completion(`<answer>${question.replace("question", "answer")}</answer>`));
  const whole = await evaluate(optionsOf(temporaryFolder(), qaExamples(QUESTIONS), model));
  expect(readFileSync(path).equals(readFileSync(whole.resultPath))).toBe(true);
  expect(existsSync(`${path}.tmp`)).toBe(false);
  expect(existsSync(`${path}l.lock`)).toBe(false);
}, 300_000);
