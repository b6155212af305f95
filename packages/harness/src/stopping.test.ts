import { existsSync, readdirSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Completion, type Example, ModelError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { answeringModel, completion, mathExample, modelOf, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { attemptsOf, resultOf } from "./__fixtures__/run-files.js";
import { evaluate } from "./evaluate.js";
import { Budget } from "./budget.js";

test("the first signal finishes what is in flight and writes the result; the next call asks the rest", async () => {
  const outputDir = temporaryFolder();
  const stopping = new AbortController();
  let finished = 0;
  const model = modelOf(async () => {
    await sleep(5);
    finished += 1;
    if (finished === 10) stopping.abort();
    return completion("<answer>x</answer>");
  });
  const options = optionsOf(outputDir, qaExamples(40), model, { concurrency: 4 });
  const report = await evaluate({ ...options, signal: stopping.signal });
  expect(report).toMatchObject({ status: "interrupted", asked: finished, resultWritten: true });
  expect(finished).toBeGreaterThanOrEqual(10);
  expect(finished).toBeLessThanOrEqual(14);
  const { results, aggregate_metrics: aggregates, pka } = resultOf(report);
  expect(results).toHaveLength(finished);
  expect(aggregates.total_questions).toBe(40);
  expect(pka).toMatchObject({ status: "interrupted", finished, total: 40 });

  const rest = await evaluate(options);
  expect(rest).toMatchObject({ status: "complete", resumed: report.asked, asked: 40 - report.asked });
});

test("the second signal gives up what is in flight at once, even when the model does not listen", async () => {
  const outputDir = temporaryFolder();
  const aborting = new AbortController();
  let listening = 0;
  const model = modelOf(async ({ question }, signal) => {
    const index = Number(question.split(" ")[1]);
    if (index < 6) return completion("<answer>x</answer>");
    if (index === 9) setTimeout(() => aborting.abort(), 20);
    if (index % 2 === 0) return new Promise(() => undefined);
    listening += 1;
    return sleep(60_000, completion("late"), { ref: false, ...(signal === undefined ? {} : { signal }) });
  });
  const options = optionsOf(outputDir, qaExamples(40), model, { concurrency: 4 });
  const report = await evaluate({ ...options, abortSignal: aborting.signal });
  expect(report).toMatchObject({ status: "interrupted", asked: 6, resultWritten: false });
  expect(listening).toBe(2);
  expect(existsSync(report.resultPath)).toBe(false);
  expect(readdirSync(outputDir)).toEqual(["nq_canned_no_cues_with_thinking.jsonl"]);

  const second = answeringModel();
  await expect(evaluate({ ...options, model: second })).resolves.toMatchObject({ status: "complete", resumed: 6 });
  expect(second.asked).toHaveLength(34);
});

test("an answer that comes after the abort is not written to a closed journal", async () => {
  const aborting = new AbortController();
  const late: (() => void)[] = [];
  const model = modelOf(({ question }) => {
    if (question === "question 3") setTimeout(() => aborting.abort(), 5);
    return new Promise<Completion>((resolve) => late.push(() => resolve(completion("late"))));
  });
  const report = await evaluate(
    optionsOf(temporaryFolder(), qaExamples(10), model, { concurrency: 4, abortSignal: aborting.signal }),
  );
  const size = statSync(report.journalPath).size;
  for (const resolve of late) resolve();
  await sleep(20);
  expect(statSync(report.journalPath).size).toBe(size);
});

test("signals that fired before the start ask nothing", async () => {
  for (const name of ["signal", "abortSignal"] as const) {
    const model = answeringModel();
    const options = optionsOf(temporaryFolder(), qaExamples(3), model, { [name]: AbortSignal.abort() });
    await expect(evaluate(options)).resolves.toMatchObject({ status: "interrupted", asked: 0, resultWritten: false });
    expect(model.asked).toEqual([]);
  }
});

test("a fatal error stops the run at once and names itself", async () => {
  let asked = 0;
  const model = modelOf(async () => {
    asked += 1;
    await sleep(1);
    throw new ModelError("invalid key", { kind: "auth", status: 401 });
  });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(100), model, { concurrency: 4 }));
  expect(report).toMatchObject({ status: "stopped", asked: 4 });
  expect(report.stopReason).toBe("no other question can succeed either: invalid key");
  expect(asked).toBe(4);
});

test.each<[string, (row: number) => Completion, Example[], string]>([
  [
    "fail",
    (row) => {
      throw new ModelError(`refused ${row % 2}`, { kind: "connection" });
    },
    qaExamples(100),
    "no usable answer to the first 20 questions: refused 0 (10 of 20); refused 1 (10 of 20)",
  ],
  ["are empty", () => completion(""), qaExamples(100), "the answer is empty (20 of 20)"],
  [
    "never parse",
    () => completion("it is 1"),
    Array.from({ length: 100 }, (_, i) => mathExample(i, `question ${i}`, "$\\boxed{1}$")),
    "the answer is unparsed (20 of 20)",
  ],
])("when the first 20 answers all %s the run stops and says so", async (_, reply, examples, reason) => {
  const model = modelOf(({ question }) => reply(Number(question.split(" ")[1])));
  const report = await evaluate(optionsOf(temporaryFolder(), examples, model, { concurrency: 1 }));
  expect(report).toMatchObject({ status: "stopped", asked: 20, resultWritten: true });
  expect(report.stopReason).toContain(reason);
  expect(report.summary.finished).toBe(20);
});

test("one usable answer among the first 20 lets the run go on", async () => {
  const model = modelOf(({ question }) => completion(question === "question 19" ? "x" : ""));
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(50), model, { concurrency: 1 }));
  expect(report).toMatchObject({ status: "complete", asked: 50 });
});

test("a run of fewer than 20 questions that all fail is not complete", async () => {
  const model = modelOf(() => {
    throw new ModelError("connect ECONNREFUSED", { kind: "connection" });
  });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(3), model));
  expect(report.status).toBe("stopped");
  expect(report.stopReason).toBe("no usable answer to the first 3 questions: connect ECONNREFUSED (3 of 3)");
});

test("the last rows of a run may all fail again without stopping it", async () => {
  const outputDir = temporaryFolder();
  const model = modelOf(({ question }) => {
    if (question.endsWith("9")) throw new ModelError("filtered", { kind: "invalid-request" });
    return completion("x");
  });
  const options = optionsOf(outputDir, qaExamples(30), model);
  await expect(evaluate(options)).resolves.toMatchObject({ status: "complete", asked: 30 });
  await expect(evaluate(options)).resolves.toMatchObject({ status: "complete", resumed: 27, asked: 3 });
});

test("20 failures of the same kind in a row stop a run that went well before", async () => {
  const model = modelOf(({ question }) => {
    const row = Number(question.split(" ")[1]);
    if (row >= 30 && row !== 40) throw new ModelError(`gone ${row}`, { kind: "overloaded", status: 503 });
    return completion("x");
  });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(200), model, { concurrency: 1 }));
  expect(report).toMatchObject({ status: "stopped", asked: 61 });
  expect(report.stopReason).toBe("20 questions in a row failed in the same way: gone 60");
});

test("maxErrors stops once that many have failed", async () => {
  const model = modelOf(({ question }) => {
    if (Number(question.split(" ")[1]) % 4 === 0) throw new TypeError("bug in the model");
    return completion("x");
  });
  const more = { concurrency: 1, maxErrors: 3 };
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(100), model, more));
  expect(report).toMatchObject({ status: "stopped", asked: 9 });
  expect(report.stopReason).toBe("3 questions failed, the last with: bug in the model");
  expect((await attemptsOf(report))[0]?.error).toMatchObject({ kind: "unexpected", message: "bug in the model" });
});

test("the budget counts what earlier processes spent", async () => {
  const outputDir = temporaryFolder();
  // 10 prompt and 5 sampled tokens each: 20 millionths of a dollar.
  const price = { inputPerMillion: 1, outputPerMillion: 2 };
  const options = optionsOf(outputDir, qaExamples(100), answeringModel(), { concurrency: 1, price });
  const first = await evaluate({ ...options, budget: new Budget({ usd: 100e-6 }) });
  expect(first).toMatchObject({ status: "stopped", asked: 5 });
  expect(first.stopReason).toMatch(/^the budget of 0.0001 US dollars is spent/);
  const second = await evaluate({ ...options, budget: new Budget({ usd: 100e-6 }) });
  expect(second).toMatchObject({ status: "stopped", asked: 0, resumed: 5 });
  const third = await evaluate({ ...options, budget: new Budget({ usd: 200e-6 }) });
  expect(third).toMatchObject({ status: "stopped", asked: 5, resumed: 5 });
});

test("a budget that cannot be watched stops the run instead of being ignored", async () => {
  const model = modelOf(() => completion("x", { usage: {} }));
  const budget = new Budget({ tokens: 1000 });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(9), model, { concurrency: 1, budget }));
  expect(report).toMatchObject({ status: "stopped", asked: 1, spend: { uncounted: 1 } });
  expect(report.stopReason).toContain("cannot be watched");
});
