import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Completion, ModelError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  answeringModel,
  collect,
  completion,
  mathExample,
  modelOf,
  optionsOf,
  qaExamples,
} from "./__fixtures__/run.js";
import { attemptsOf, resultOf } from "./__fixtures__/run-files.js";
import { evaluate } from "./evaluate.js";
import { readJournal } from "./journal/read.js";
import type { RunProgress } from "./run-options.js";

test("leaves rows in dataset order whatever order they finished in", async () => {
  const model = modelOf(async ({ question }) => {
    await sleep(Number(question.split(" ")[1]) % 2 === 0 ? 20 : 1);
    return completion("<answer>x</answer>");
  });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(12), model, { concurrency: 5 }));
  const questions = resultOf(report).results.map((row: { question: string }) => row.question);
  expect(questions).toEqual(qaExamples(12).map(({ question }) => question));
  const finished = (await attemptsOf(report)).map(({ id }) => id);
  expect(finished).not.toEqual(qaExamples(12).map(({ id }) => id));
});

test("a question is asked when its start and the attempts before it are in the journal", async () => {
  const outputDir = temporaryFolder();
  const concurrency = 8;
  let numAsked = 0;
  const journalled = () => {
    const lines = readFileSync(
      join(
        outputDir,
        readdirSync(outputDir).find((name) => name.endsWith(".jsonl"))!,
      ),
      "utf8",
    );
    const count = (type: string) => lines.split(`{"type":"${type}"`).length - 1;
    return { starts: count("start"), ends: count("attempt") };
  };
  const model = modelOf(async ({ question }) => {
    numAsked += 1;
    const { starts, ends } = journalled();
    expect(starts).toBeGreaterThanOrEqual(numAsked);
    // Of all that were asked, only those in flight are not there, and this is one of them.
    expect(numAsked - ends).toBeLessThanOrEqual(concurrency);
    const turns = Number(question.split(" ")[1]) % 5;
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    return completion("<answer>x</answer>");
  });
  const report = await evaluate(optionsOf(outputDir, qaExamples(200), model, { concurrency }));
  expect(report.summary.outcomes).toMatchObject({ answered: 200, error: 0 });
});

test("asks with the condition, and a seed that depends on row and sample only", async () => {
  const asks: object[] = [];
  const model = modelOf((ask) => {
    asks.push(ask);
    return completion("x");
  });
  const more = { cues: true, thinking: false, seed: 7, samples: 2, concurrency: 1 };
  await evaluate(optionsOf(temporaryFolder(), qaExamples(2), model, more));
  const sampling = { temperature: 0.6, topP: 0.95 };
  const common = { task: "qa", cues: true, thinking: false, sampling, seed: expect.any(Number) };
  expect(asks).toEqual([0, 0, 1, 1].map((index) => ({ ...common, question: `question ${index}` })));
  const seeds = asks.map((ask) => ("seed" in ask ? ask.seed : undefined));
  expect(new Set(seeds).size).toBe(4);
  const again: object[] = [];
  const secondRow = modelOf((ask) => {
    again.push(ask);
    return completion("x");
  });
  await evaluate(optionsOf(temporaryFolder(), qaExamples(2).slice(1), secondRow, more));
  expect(again).toEqual(asks.slice(2));
});

test("journals everything about an attempt", async () => {
  const full: Completion = {
    text: "<think>t</think><answer>answer 0</answer>",
    thinking: "t",
    answer: "<answer>answer 0</answer>",
    finishReason: "stop",
    usage: { promptTokens: 1, completionTokens: 2, reasoningTokens: 1, totalTokens: 3 },
    numTokens: 2,
    tokens: [5, 6],
    logprobs: [-0.5, Number.NEGATIVE_INFINITY],
    providerModel: "m-2026",
    requestId: "req_1",
    attempts: 3,
  };
  const provenance = { "@pka/harness": "0.0.0", git: null };
  const report = await evaluate(
    optionsOf(
      temporaryFolder(),
      qaExamples(1),
      modelOf(() => full),
      { provenance },
    ),
  );
  const [header, start, attempt] = await collect(readJournal(report.journalPath));
  expect(header).toMatchObject({
    type: "header",
    format: 1,
    provenance,
    condition: { dataset: "nq", split: "test", model: "canned", settings: { prompt: "v1" }, seed: null },
    conditionHash: expect.stringMatching(/^[0-9a-f]{16}$/),
    fingerprint: { numRows: 1 },
    startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(start).toEqual({ type: "start", row: "nq/0", sample: 0 });
  expect(attempt).toEqual({
    type: "attempt",
    id: "nq/0",
    hash: qaExamples(1)[0]!.hash,
    sample: 0,
    attempt: 1,
    outcome: "answered",
    startedAt: expect.any(String),
    elapsedMs: expect.any(Number),
    completion: { ...full, logprobs: [-0.5, null] },
    verdict: { task: "qa", extractedPrediction: "answer 0", exactMatch: true, recall: true },
  });
});

test("counts every outcome apart and bounds what the missing rows could change", async () => {
  const replies: (Completion | Error)[] = [
    completion("<answer>answer 0</answer>"),
    completion("<answer>wrong</answer>"),
    completion(""),
    completion("<answer>answer", { finishReason: "length" }),
    completion("hmm", { finishReason: "length", thinking: "hmm", answer: "" }),
    completion("no", { finishReason: "refusal" }),
    completion("hmm", { thinking: "hmm", answer: "" }),
    new ModelError("broken", { kind: "bad-reply", status: 200, requestId: "r1", attempts: 4 }),
    // Cut, and right by luck: the paper counts it, the rate of completed rows does not.
    completion("answer 8", { finishReason: "length" }),
    completion("<answer>it is answer 9</answer>"),
  ];
  const model = modelOf(({ question }) => {
    const reply = replies[Number(question.split(" ")[1])]!;
    if (reply instanceof Error) throw reply;
    return reply;
  });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(10), model));
  expect(report).toMatchObject({ status: "complete", asked: 10, resumed: 0, resultWritten: true });
  expect(report.summary).toMatchObject({
    total: 10,
    finished: 10,
    completed: 3,
    outcomes: {
      answered: 3,
      empty: 1,
      truncated: 2,
      "truncated-thinking": 1,
      refused: 1,
      unparsed: 1,
      error: 1,
    },
    metrics: {
      exactMatch: {
        successes: 2,
        rateOfAll: 0.2,
        successesOfCompleted: 1,
        rateOfCompleted: 1 / 3,
        bounds: [0.1, 0.8],
      },
      recall: { successes: 3, rateOfAll: 0.3, successesOfCompleted: 2, rateOfCompleted: 2 / 3, bounds: [0.2, 0.9] },
    },
    avgTokens: 5,
  });
  // Wilson 1927, 1 of 3 at 95 %, worked by hand.
  const { interval } = report.summary.metrics.exactMatch!;
  expect(interval?.lower).toBeCloseTo(0.0615, 4);
  expect(interval?.upper).toBeCloseTo(0.7923, 4);

  const { results, errors, aggregate_metrics: aggregates, pka } = resultOf(report);
  expect(results).toHaveLength(9);
  expect(errors).toEqual([{ question: "question 7", error: "broken" }]);
  expect(aggregates).toMatchObject({ total_questions: 10, exact_match_rate: 0.2, extraction_errors: 1 });
  expect(pka).toMatchObject({
    status: "complete",
    total: 10,
    completed: 3,
    outcomes: { "truncated-thinking": 1, error: 1 },
    metrics: { exact_match: { successes: 2, rate_of_completed: 1 / 3, bounds: [0.1, 0.8] } },
  });
  const failed = (await attemptsOf(report)).find(({ outcome }) => outcome === "error");
  expect(failed).toMatchObject({
    id: "nq/7",
    error: { kind: "bad-reply", message: "broken", status: 200, requestId: "r1", attempts: 4 },
  });
});

test("flags MATH problems that count as correct because nobody gave an answer", async () => {
  const examples = [
    mathExample(0, "p0", "$\\boxed{1}$"),
    mathExample(1, "p1", "no box"),
    mathExample(2, "p2", "$\\boxed{2}$"),
  ];
  const model = modelOf(({ question }) => completion(question === "p0" ? "$\\boxed{1}$" : "no idea"));
  const report = await evaluate(optionsOf(temporaryFolder(), examples, model));
  expect(report.summary).toMatchObject({
    task: "math",
    completed: 1,
    bothMissing: 1,
    outcomes: { answered: 1, unparsed: 2 },
    metrics: { accuracy: { successes: 2, rateOfAll: 2 / 3, rateOfCompleted: 1, bounds: [1 / 3, 1] } },
  });
  expect(resultOf(report)).toMatchObject({ aggregate_metrics: { accuracy: 2 / 3 }, pka: { both_missing: 1 } });
});

test("reports progress from the start to the end", async () => {
  const seen: RunProgress[] = [];
  await evaluate(
    optionsOf(temporaryFolder(), qaExamples(5), answeringModel(), {
      concurrency: 2,
      price: { inputPerMillion: 1, outputPerMillion: 2 },
      onProgress: (progress) => seen.push(progress),
    }),
  );
  expect(seen.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(seen[0]).toMatchObject({
    total: 5,
    resumed: 0,
    errors: 0,
    inFlight: 0,
    completionTokens: 0,
    spend: { costUsd: 0 },
  });
  expect(seen.at(-1)).toMatchObject({ inFlight: 0, completionTokens: 25 });
  expect(seen.at(-1)?.spend.costUsd).toBeCloseTo((5 * (10 * 1 + 5 * 2)) / 1e6, 12);
  expect(seen.every(({ elapsedMs }) => elapsedMs >= 0)).toBe(true);
});

test("never has more questions in flight than asked for", async () => {
  let inFlight = 0;
  let most = 0;
  const model = modelOf(async () => {
    most = Math.max(most, ++inFlight);
    await sleep(1);
    inFlight -= 1;
    return completion("x");
  });
  await evaluate(optionsOf(temporaryFolder(), qaExamples(40), model, { concurrency: 7 }));
  expect(most).toBe(7);
});

test("a model that breaks its contract is an error of that row, not of the run", async () => {
  const replies: unknown[] = [
    undefined,
    {},
    { ...completion("x"), numTokens: Number.NaN },
    { ...completion("x"), finishReason: "because" },
    { ...completion("x"), thinking: undefined, unknown: 1n },
  ];
  const model = modelOf(({ question }) => z.custom<Completion>().parse(replies[Number(question.split(" ")[1])]));
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(5), model));
  expect(report.summary.outcomes).toMatchObject({ error: 4, answered: 1 });
  expect(resultOf(report).errors[2].error).toContain("numTokens");
});

test("an exception in a callback ends the run, with the journal intact", async () => {
  const outputDir = temporaryFolder();
  const options = optionsOf(outputDir, qaExamples(30), answeringModel(), {
    onProgress: ({ done }) => {
      if (done === 10) throw new Error("callback");
    },
  });
  await expect(evaluate(options)).rejects.toThrow("callback");
  const model = answeringModel();
  const report = await evaluate(optionsOf(outputDir, qaExamples(30), model));
  expect(report.status).toBe("complete");
  expect(report.resumed).toBeGreaterThanOrEqual(10);
  expect(model.asked).toHaveLength(30 - report.resumed);
});
