import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Completion, type Example, ModelError, UsageError } from "@pka/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  answeringModel,
  collect,
  completion,
  mathExample,
  modelOf,
  optionsOf,
  qaExample,
  qaExamples,
} from "./__fixtures__/run.js";
import { temporaryFolder } from "./__fixtures__/temporary-folder.js";
import { OutputError, ResumeRefusedError } from "./errors.js";
import { evaluate, type EvaluationReport } from "./evaluate.js";
import type { EvaluateOptions } from "./evaluate-options.js";
import { readJournal } from "./journal/read.js";
import type { AttemptRecord } from "./journal/record.js";
import { Budget } from "./budget.js";
import type { RunProgress } from "./run-options.js";

async function attempts({ journalPath }: { journalPath: string }): Promise<AttemptRecord[]> {
  return (await collect(readJournal(journalPath))).filter((record) => record.type === "attempt");
}

function resultOf({ resultPath }: { resultPath: string }) {
  return JSON.parse(readFileSync(resultPath, "utf8"));
}

function goodOptions(more: object): EvaluateOptions {
  return { ...optionsOf(temporaryFolder(), qaExamples(2), answeringModel()), ...more };
}

describe("a whole run", () => {
  test("leaves rows in dataset order whatever order they finished in", async () => {
    const model = modelOf(async ({ question }) => {
      await sleep(Number(question.split(" ")[1]) % 2 === 0 ? 20 : 1);
      return completion("<answer>x</answer>");
    });
    const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(12), model, { concurrency: 5 }));
    const questions = resultOf(report).results.map((row: { question: string }) => row.question);
    expect(questions).toEqual(qaExamples(12).map(({ question }) => question));
    const finished = (await attempts(report)).map(({ id }) => id);
    expect(finished).not.toEqual(qaExamples(12).map(({ id }) => id));
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
    const failed = (await attempts(report)).find(({ outcome }) => outcome === "error");
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
});

describe("the same call again", () => {
  test("asks nothing twice and leaves the same file", async () => {
    const outputDir = temporaryFolder();
    const first = await evaluate(optionsOf(outputDir, qaExamples(10), answeringModel()));
    const bytes = readFileSync(first.resultPath);
    const journal = readFileSync(first.journalPath);
    const model = answeringModel();
    const second = await evaluate(optionsOf(outputDir, qaExamples(10), model));
    expect(model.asked).toEqual([]);
    expect(second).toMatchObject({ status: "complete", resumed: 10, asked: 0 });
    expect(second.summary).toEqual(first.summary);
    expect(readFileSync(second.resultPath)).toEqual(bytes);
    expect(readFileSync(second.journalPath)).toEqual(journal);
  });

  test("continues with more rows, other rows and more samples, and each result holds what was asked for", async () => {
    const outputDir = temporaryFolder();
    const all = qaExamples(10);
    const model = answeringModel();
    await evaluate(optionsOf(outputDir, all.slice(0, 4), model));
    await evaluate(optionsOf(outputDir, all.slice(2, 6), model));
    expect(model.asked).toHaveLength(6);
    await evaluate(optionsOf(outputDir, all, model));
    expect(model.asked).toHaveLength(10);
    expect(new Set(model.asked).size).toBe(10);

    const sampled = await evaluate(optionsOf(outputDir, all, model, { samples: 3 }));
    expect(model.asked).toHaveLength(30);
    const { results, aggregate_metrics: aggregates, pka } = resultOf(sampled);
    expect(results.slice(0, 4).map((row: { question: string; sample: number }) => [row.question, row.sample])).toEqual([
      ["question 0", 0],
      ["question 0", 1],
      ["question 0", 2],
      ["question 1", 0],
    ]);
    expect(Object.keys(results[0]).at(-1)).toBe("sample");
    expect(aggregates.total_questions).toBe(30);
    expect(pka).toMatchObject({ samples: 3, metrics: { recall: { interval_95: null } } });

    const fewer = await evaluate(optionsOf(outputDir, all.slice(0, 2), model));
    expect(model.asked).toHaveLength(30);
    expect(resultOf(fewer).results).toHaveLength(2);
    expect(resultOf(fewer).results[0]).not.toHaveProperty("sample");
    const runs = (await collect(readJournal(fewer.journalPath))).map(({ type }) => type);
    expect(runs.filter((type) => type === "run")).toHaveLength(3);
  });

  test("asks rows whose last attempt failed again, and keeps both attempts", async () => {
    const outputDir = temporaryFolder();
    const flaky = modelOf(({ question }) => {
      if (question === "question 3") throw new ModelError("reset", { kind: "connection" });
      return completion("<answer>x</answer>");
    });
    const first = await evaluate(optionsOf(outputDir, qaExamples(5), flaky));
    expect(first.summary.outcomes.error).toBe(1);
    const model = answeringModel();
    const second = await evaluate(optionsOf(outputDir, qaExamples(5), model));
    expect(model.asked).toEqual(["question 3"]);
    expect(second.summary.outcomes).toMatchObject({ answered: 5, error: 0 });
    expect(resultOf(second).errors).toEqual([]);
    const row = (await attempts(second)).filter(({ id }) => id === "nq/3");
    expect(row.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, "error"],
      [2, "answered"],
    ]);
  });

  test("keeps rows with the same question apart", async () => {
    const outputDir = temporaryFolder();
    const twins = [qaExample(0, "same", ["a"]), qaExample(1, "same", ["a"]), qaExample(2, "same", ["b"])];
    const model = modelOf(() => completion("<answer>a</answer>"));
    await evaluate(optionsOf(outputDir, twins.slice(0, 1), model));
    const report = await evaluate(optionsOf(outputDir, twins, model));
    expect(report).toMatchObject({ resumed: 1, asked: 2 });
    expect(report.summary.metrics.exactMatch?.successes).toBe(2);
    const { results, aggregate_metrics: aggregates } = resultOf(report);
    expect(results.map((row: { ground_truth: string[] }) => row.ground_truth)).toEqual([["a"], ["a"], ["b"]]);
    expect(aggregates.total_questions).toBe(3);
  });

  test("reports the bytes of an unfinished last line and asks its row again", async () => {
    const outputDir = temporaryFolder();
    const first = await evaluate(optionsOf(outputDir, qaExamples(5), answeringModel(), { concurrency: 1 }));
    const expected = readFileSync(first.resultPath);
    const journal = readFileSync(first.journalPath);
    writeFileSync(first.journalPath, journal.subarray(0, journal.length - 10));
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
    const model = answeringModel();
    const second = await evaluate(optionsOf(outputDir, qaExamples(5), model, { logger }));
    expect(warnings).toEqual([expect.stringMatching(/cut \d+ bytes of an unfinished last line/)]);
    expect(model.asked).toEqual(["question 4"]);
    expect(readFileSync(second.resultPath)).toEqual(expected);
  });

  test.each<[string, (options: ReturnType<typeof optionsOf>) => Partial<ReturnType<typeof optionsOf>>, string]>([
    ["temperature", () => ({ sampling: { temperature: 1, topP: 0.95 } }), "sampling.temperature: 0.6 there, 1 now"],
    ["seed", () => ({ seed: 1 }), "seed: null there, 1 now"],
    ["split", ({ dataset }) => ({ dataset: { ...dataset, split: "train" } }), 'split: "test" there, "train" now'],
    ["model id", ({ model }) => ({ model: { ...model, id: "other" } }), 'model: "canned" there, "other" now'],
    [
      "settings",
      ({ model }) => ({ model: { ...model, settings: { prompt: "v2", maxTokens: 5 } } }),
      'settings.prompt: "v1" there, "v2" now\n  settings.maxTokens: absent there, 5 now',
    ],
  ])("refuses another %s and names the difference", async (_, change, message) => {
    const outputDir = temporaryFolder();
    const options = optionsOf(outputDir, qaExamples(3), answeringModel());
    const { journalPath, resultPath } = await evaluate(options);
    const before = [readFileSync(journalPath), readFileSync(resultPath)];
    const changed = { ...options, ...change(options) };
    await expect(evaluate(changed)).rejects.toThrow(ResumeRefusedError);
    await expect(evaluate(changed)).rejects.toThrow(message);
    expect([readFileSync(journalPath), readFileSync(resultPath)]).toEqual(before);
    expect(existsSync(`${journalPath}.lock`)).toBe(false);
  });

  test("refuses another checkpoint of the same name", async () => {
    const outputDir = temporaryFolder();
    const options = optionsOf(outputDir, qaExamples(3), answeringModel());
    await evaluate({ ...options, checkpoint: { uri: "tinker://a", name: "c" } });
    await expect(evaluate({ ...options, checkpoint: { uri: "tinker://b", name: "c" } })).rejects.toThrow(
      'checkpoint.uri: "tinker://a" there, "tinker://b" now',
    );
  });

  test("refuses a row whose content has changed, by its id", async () => {
    const outputDir = temporaryFolder();
    const rows = qaExamples(3);
    await evaluate(optionsOf(outputDir, rows, answeringModel()));
    const changed = rows.with(1, qaExample(1, "question 1", ["another answer"]));
    await expect(evaluate(optionsOf(outputDir, changed, answeringModel()))).rejects.toThrow("row nq/1: ");
  });

  test("overwrite starts anew and keeps the earlier files under another name", async () => {
    const outputDir = temporaryFolder();
    const options = optionsOf(outputDir, qaExamples(3), answeringModel());
    const first = await evaluate(options);
    const [journal, result] = [readFileSync(first.journalPath), readFileSync(first.resultPath)];
    const second = await evaluate({ ...options, seed: 5, overwrite: true });
    expect(second).toMatchObject({ resumed: 0, asked: 3 });
    const kept = readdirSync(outputDir).filter((name) => name.includes(".bak-"));
    expect(kept.map((name) => readFileSync(join(outputDir, name)))).toEqual([result, journal]);
    await evaluate({ ...options, seed: 6, overwrite: true });
    expect(readdirSync(outputDir).filter((name) => name.includes(".bak-"))).toHaveLength(4);
  });

  test("a result file without a journal is not overwritten", async () => {
    const outputDir = temporaryFolder();
    const options = optionsOf(outputDir, qaExamples(3), answeringModel());
    const path = join(outputDir, "nq_canned_no_cues_with_thinking.json");
    writeFileSync(path, "the paper's");
    await expect(evaluate(options)).rejects.toThrow("has no journal beside it");
    expect(readFileSync(path, "utf8")).toBe("the paper's");
    await evaluate({ ...options, overwrite: true });
    const kept = readdirSync(outputDir).find((name) => name.includes(".bak-"))!;
    expect(readFileSync(join(outputDir, kept), "utf8")).toBe("the paper's");
  });
});

describe("stopping", () => {
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
    expect((await attempts(report))[0]?.error).toMatchObject({ kind: "unexpected", message: "bug in the model" });
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
});

describe("bad input", () => {
  test.each<[object, string]>([
    [{ samples: 0 }, "samples is 0"],
    [{ concurrency: 1.5 }, "concurrency is 1.5"],
    [{ seed: Number.NaN }, "seed is NaN"],
    [{ maxErrors: 0 }, "maxErrors is 0"],
    [{ sampling: { temperature: -1, topP: 1 } }, "temperature is -1"],
    [{ sampling: { temperature: 1, topP: 0 } }, "topP is 0"],
    [{ maxAttempts: 0 }, "maxAttempts is 0"],
    [{ price: { inputPerMillion: -1, outputPerMillion: 1 } }, "price.inputPerMillion is -1"],
    [{ budget: new Budget({ usd: 1 }) }, "needs a price"],
    [
      { model: modelOf(() => completion(""), { thinkingModes: [true] }), thinking: false },
      "cannot be asked without thinking",
    ],
  ])("%j is refused", async (more, message) => {
    await expect(evaluate(goodOptions(more))).rejects.toThrow(UsageError);
    await expect(evaluate(goodOptions(more))).rejects.toThrow(message);
  });

  test("an empty dataset, two rows of one id and mixed tasks are refused, and leave no file", async () => {
    const outputDir = temporaryFolder();
    const refuse = async (examples: readonly Example[], message: string) =>
      expect(evaluate(optionsOf(outputDir, examples, answeringModel()))).rejects.toThrow(message);
    await refuse([], "the selection holds no rows");
    await refuse([...qaExamples(2), ...qaExamples(1)], "two rows have the id nq/0");
    await refuse([...qaExamples(2), mathExample(0, "p", "s")], "math/0 is math");
    expect(readdirSync(outputDir)).toEqual([]);
  });

  test("an output folder that is a file, or lies below one, is named", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    for (const outputDir of [join(folder, "file"), join(folder, "file", "below")]) {
      const evaluation = evaluate(optionsOf(outputDir, qaExamples(1), answeringModel()));
      await expect(evaluation).rejects.toThrow(OutputError);
      await expect(evaluation).rejects.toThrow(outputDir);
    }
  });

  test("a folder where the result or the journal should be is named", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "nq_canned_no_cues_with_thinking.jsonl"));
    await expect(evaluate(optionsOf(folder, qaExamples(1), answeringModel()))).rejects.toThrow(
      "it is a folder (EISDIR)",
    );
  });

  test.skipIf(process.platform === "win32")("a journal that is a symbolic link is not written through", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "precious"), "");
    symlinkSync(join(folder, "precious"), join(folder, "nq_canned_no_cues_with_thinking.jsonl"));
    await expect(evaluate(optionsOf(folder, qaExamples(1), answeringModel()))).rejects.toThrow("it is a symbolic link");
    expect(readFileSync(join(folder, "precious"), "utf8")).toBe("");
  });

  test("hostile content survives: 1 MB, lone surrogates, NUL, __proto__", async () => {
    const texts = ["x".repeat(1 << 20), "\ud800 lone \udfff", "nul \0", "__proto__", "line\nbreak \u2028 \u0085 end"];
    const examples = texts.map((text, index) => qaExample(index, text, [text], "__proto__"));
    const model = modelOf(({ question }) => completion(`<answer>${question}</answer>`), {
      settings: JSON.parse('{"__proto__": "v1", "constructor": "x"}'),
    });
    const outputDir = temporaryFolder();
    const options = optionsOf(outputDir, examples, model);
    const report: EvaluationReport = await evaluate(options);
    const rows = resultOf(report).results;
    expect(rows.map((row: { question: string }) => row.question)).toEqual(texts);
    const recorded = (await attempts(report)).map(({ verdict }) => verdict?.extractedPrediction);
    expect(new Set(recorded)).toEqual(new Set(texts));
    await expect(evaluate(options)).resolves.toMatchObject({ resumed: 5, asked: 0 });
    await expect(evaluate({ ...options, model: { ...model, settings: {} } })).rejects.toThrow("settings.constructor");
    expect(Object.prototype).not.toHaveProperty("v1");
  });
});
