import { setTimeout as sleep } from "node:timers/promises";
import { ModelError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { answeringModel, collect, completion, modelOf, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { Budget } from "./budget.js";
import { countRecorded } from "./count-recorded.js";
import { evaluate } from "./evaluate.js";
import { readJournal } from "./journal/read.js";
import { planEvaluation } from "./plan-evaluation.js";

const price = { inputPerMillion: 1e6, outputPerMillion: 1e6 };

test("a run that is stopped at once counts what was in flight as possibly billed, and so does the next", async () => {
  const outputDir = temporaryFolder();
  const stop = new AbortController();
  let asked = 0;
  const hanging = modelOf(async (_, signal) => {
    asked += 1;
    if (asked === 3) stop.abort(new Error("stopped"));
    await sleep(60_000, undefined, { signal });
    return completion("x");
  });
  const more = { concurrency: 3, abortSignal: stop.signal };
  const first = await evaluate(optionsOf(outputDir, qaExamples(5), hanging, more));
  expect(first).toMatchObject({ status: "interrupted", spend: { possiblyBilled: 3 } });
  const second = await evaluate(optionsOf(outputDir, qaExamples(5), answeringModel()));
  expect(second).toMatchObject({ status: "complete", asked: 5, spend: { possiblyBilled: 3, promptTokens: 50 } });
  const attempts = (await collect(readJournal(second.journalPath))).filter(({ type }) => type === "attempt");
  expect(attempts).toHaveLength(5);
});

test("a model on this machine leaves no starts, and nothing was possibly billed", async () => {
  const model = modelOf(() => Promise.reject(new ModelError("late", { kind: "timeout" })), { isLocal: true });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(2), model));
  expect(report.spend.possiblyBilled).toBe(0);
  const types = (await collect(readJournal(report.journalPath))).map(({ type }) => type);
  expect(types).toEqual(["header", "attempt", "attempt"]);
});

test("a row that fails again and again is asked maxAttempts times", async () => {
  const outputDir = temporaryFolder();
  let asked = 0;
  const model = modelOf(() => {
    asked += 1;
    throw new ModelError("late", { kind: "timeout", attempts: 2, possiblyBilled: 2 });
  });
  const options = optionsOf(outputDir, qaExamples(1), model, { maxAttempts: 3 });
  for (let run = 0; run < 3; run++) await evaluate(options);
  const warnings: string[] = [];
  const logger = { info: () => {}, warn: (message: string) => void warnings.push(message) };
  const report = await evaluate({ ...options, logger });
  expect({ asked, ...report.summary.outcomes }).toMatchObject({ asked: 3, error: 1 });
  expect(report.spend.possiblyBilled).toBe(6);
  expect(warnings).toEqual(["1 rows were asked 3 times without an answer and are not asked again"]);
});

test("one budget over several datasets: what the later ones spent before counts from the start", async () => {
  const outputDir = temporaryFolder();
  const optionsFor = (name: string, count: number) => {
    const options = optionsOf(outputDir, qaExamples(count), answeringModel(), { price, concurrency: 1 });
    return { ...options, dataset: { ...options.dataset, name } };
  };
  // 15 dollars an answer.
  const later = await evaluate(optionsFor("later", 2));
  expect(later.spend.costUsd).toBe(30);
  const budget = new Budget({ usd: 50 });
  const resultPaths = [later.resultPath, later.resultPath.replace("later", "first")];
  await countRecorded(budget, { resultPaths, price });
  expect(budget.spentUsd).toBe(30);
  const first = await evaluate({ ...optionsFor("first", 9), budget });
  expect(first).toMatchObject({ status: "stopped", asked: 2, spend: { costUsd: 30 } });
  expect(await evaluate({ ...optionsFor("later", 3), budget })).toMatchObject({ status: "stopped", asked: 0 });
  expect(budget.spentUsd).toBe(60);
});

test("a plan takes off what is answered, and learns from answers about another dataset", async () => {
  const outputDir = temporaryFolder();
  const options = optionsOf(outputDir, qaExamples(12), answeringModel(), { price });
  await evaluate(options);
  const planOf = (name: string, more: object = {}) =>
    planEvaluation({
      ...options,
      dataset: { ...options.dataset, name, examples: qaExamples(20) },
      expectTokens: ({ question }) => ({ promptCharacters: question.length, maxCompletionTokens: 100 }),
      ...more,
    });
  const same = await planOf("nq");
  expect(same).toMatchObject({ answered: 12, spent: { costUsd: 180 } });
  expect(same.estimate).toMatchObject({ questions: 8, basis: "answers", costUsd: { low: 120, high: 120 } });
  expect(await planOf("nq", { overwrite: true })).toMatchObject({ answered: 0, spent: { costUsd: 0 } });
  const other = {
    answered: 0,
    estimate: { questions: 20, completionTokens: { low: 20, high: 2000 }, basis: "limits" },
  };
  expect(await planOf("triviaqa")).toMatchObject(other);
  const taught = await planOf("triviaqa", { pilots: ["hotpotqa", "nq"] });
  expect(taught).toMatchObject({ answered: 0, estimate: { questions: 20, basis: "answers", numAnswers: 12 } });
});
