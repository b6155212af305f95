import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Example, UsageError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import {
  answeringModel,
  completion,
  mathExample,
  modelOf,
  optionsOf,
  qaExample,
  qaExamples,
} from "./__fixtures__/run.js";
import { attemptsOf, resultOf } from "./__fixtures__/run-files.js";
import { OutputError } from "./errors.js";
import { evaluate, type EvaluationReport } from "./evaluate.js";
import type { EvaluateOptions } from "./evaluate-options.js";
import { Budget } from "./budget.js";

function goodOptions(more: object): EvaluateOptions {
  return { ...optionsOf(temporaryFolder(), qaExamples(2), answeringModel()), ...more };
}

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
  await expect(evaluate(optionsOf(folder, qaExamples(1), answeringModel()))).rejects.toThrow("it is a folder (EISDIR)");
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
  const recorded = (await attemptsOf(report)).map(({ verdict }) => verdict?.extractedPrediction);
  expect(new Set(recorded)).toEqual(new Set(texts));
  await expect(evaluate(options)).resolves.toMatchObject({ resumed: 5, asked: 0 });
  await expect(evaluate({ ...options, model: { ...model, settings: {} } })).rejects.toThrow("settings.constructor");
  expect(Object.prototype).not.toHaveProperty("v1");
});
