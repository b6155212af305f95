import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { failing, judgeOf, refinedRows, refineOptions, writeSource } from "../__fixtures__/refine.js";
import { Budget } from "../budget.js";
import { refine } from "./refine.js";

test("the first signal finishes what is in flight; rows that were not asked say so", async () => {
  const sourcePath = writeSource(temporaryFolder(), ["a", "b", "c", "d"]);
  const stop = new AbortController();
  const judge = judgeOf(async (extracted) => {
    if (extracted === "b") stop.abort();
    await sleep(5);
    return extracted;
  });
  const more = { signal: stop.signal, concurrency: 2 };
  const report = await refine(refineOptions(sourcePath, judge, more));
  expect(report).toMatchObject({ status: "interrupted", asked: 2, summary: { refined: 2, notAsked: 2 } });
  expect(refinedRows(report).map(({ error }) => error)).toEqual([
    undefined,
    undefined,
    "not asked yet",
    "not asked yet",
  ]);
});

test("the second signal leaves the file as it was", async () => {
  const sourcePath = writeSource(temporaryFolder(), ["a"]);
  const stop = new AbortController();
  const judge = judgeOf(async () => {
    stop.abort();
    await sleep(5);
    return "x";
  });
  const report = await refine(refineOptions(sourcePath, judge, { abortSignal: stop.signal }));
  expect(report).toMatchObject({ status: "interrupted", resultWritten: false });
  expect(existsSync(report.resultPath)).toBe(false);
});

test("a judge that is cut before it answers, again and again, is given up", async () => {
  const answers = Array.from({ length: 40 }, (_, index) => `answer ${index}`);
  const judge = judgeOf(() => ({ text: "<think>hmm", thinking: "hmm", answer: "", finishReason: "length" }));
  const report = await refine(refineOptions(writeSource(temporaryFolder(), answers), judge, { concurrency: 1 }));
  expect(report).toMatchObject({ status: "stopped", asked: 20, stopReason: expect.stringMatching(/unparsed/) });
  expect(report.summary.audit).toMatchObject({ truncated: { count: 20 }, empty: { count: 20 } });
});

test("too many errors stop it", async () => {
  const sourcePath = writeSource(temporaryFolder(), ["Paris!", "a", "b", "c"]);
  const judge = judgeOf((extracted) => (extracted === "Paris!" ? "Paris" : failing()));
  const report = await refine(refineOptions(sourcePath, judge, { maxErrors: 2, concurrency: 1 }));
  expect(report).toMatchObject({ status: "stopped", stopReason: expect.stringMatching(/2 questions failed/) });
  expect(report.summary).toMatchObject({ refined: 1, errors: 2, notAsked: 1 });
});

test("the budget counts what earlier processes and other files spent", async () => {
  // 10 prompt tokens and 5 sampled ones: 15 dollars each.
  const price = { inputPerMillion: 1e6, outputPerMillion: 1e6 };
  const run = (sourcePath: string, budget: Budget) => {
    const judge = judgeOf(() => "x");
    return refine(refineOptions(sourcePath, judge, { price, budget, concurrency: 1 }));
  };
  const sourcePath = writeSource(temporaryFolder(), ["a", "b", "c"]);
  const first = await run(sourcePath, new Budget({ usd: 20 }));
  expect(first).toMatchObject({ status: "stopped", asked: 2, spend: { costUsd: 30 } });
  const second = await run(sourcePath, new Budget({ usd: 20 }));
  expect(second).toMatchObject({ status: "stopped", asked: 0, spend: { costUsd: 30 } });

  // 45 of 50 dollars are gone, so one answer about another file reaches the limit.
  const shared = new Budget({ usd: 50 });
  expect(await run(sourcePath, shared)).toMatchObject({ status: "complete", asked: 1 });
  const other = await run(writeSource(temporaryFolder(), ["a", "b"]), shared);
  expect(other).toMatchObject({ status: "stopped", asked: 1, spend: { costUsd: 15 } });
  expect(shared.spentUsd).toBe(60);
});
