import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModelError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { answeringModel, collect, completion, modelOf, optionsOf, qaExample, qaExamples } from "./__fixtures__/run.js";
import { attemptsOf, resultOf } from "./__fixtures__/run-files.js";
import { ResumeRefusedError } from "./errors.js";
import { evaluate } from "./evaluate.js";
import { readJournal } from "./journal/read.js";

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
  const row = (await attemptsOf(second)).filter(({ id }) => id === "nq/3");
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
