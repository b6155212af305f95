import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ModelError, UsageError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { countCharacters, type ModelType } from "@pka/thinking-tokens";
import { expect, test } from "vitest";
import { collect } from "../__fixtures__/run.js";
import { averagesJson } from "./averages-json.js";
import { measureThinking, type ThinkingReport } from "./measure-thinking.js";

const file = (...thoughts: string[]) =>
  JSON.stringify({
    results: thoughts.map((text) => ({ question: text, raw_prediction: `${text}</think>x`, recall: true })),
  });

function measure(input: string, modelType?: ModelType): Promise<ThinkingReport[]> {
  return collect(measureThinking(input, { modelType, openLength: async () => countCharacters }));
}

test("a folder is read to its depths, in order; refined, unknown and damaged files are told apart", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "NQ", "olmo"), { recursive: true });
  writeFileSync(join(folder, "NQ", "olmo", "nq_olmo3.json.gz"), gzipSync(file("ab")));
  writeFileSync(join(folder, "NQ", "olmo", "ex_nq_olmo3.json"), JSON.stringify({ results: [{ recalled: false }] }));
  writeFileSync(join(folder, "a_r1qwen.json"), file("abcd", "ab"));
  writeFileSync(join(folder, "a_r1qwen.jsonl"), "not a result file");
  writeFileSync(join(folder, "b_olmo3.json"), "{");
  writeFileSync(join(folder, "c_olmo3.json"), "{}");
  writeFileSync(join(folder, "nq_gpt52.json"), file("a"));
  writeFileSync(join(folder, "stats.json"), "{}");

  const reports = await measure(folder);
  expect(reports.map(({ key, type }) => [key, type])).toEqual([
    ["NQ/olmo/nq_olmo3.json.gz", "measured"],
    ["a_r1qwen.json", "measured"],
    ["b_olmo3.json", "failed"],
    ["c_olmo3.json", "skipped"],
    ["nq_gpt52.json", "skipped"],
    ["stats.json", "skipped"],
  ]);
  expect(reports[0]).toMatchObject({
    modelType: "olmo-3-7b-think",
    refinedPath: join(folder, "NQ", "olmo", "ex_nq_olmo3.json"),
    averages: { numRecalled: 0, avgThinkingTokens: 2 },
  });
  expect(reports[2]).toMatchObject({ error: { code: "result_file_invalid" } });
  expect(reports.slice(3).map((report) => report.type === "skipped" && report.reason)).toEqual([
    "it has no rows under results",
    "gpt-5.2 does not show its thinking",
    "its name does not tell the model: give --model-type",
  ]);
  // As Python's json.dump(…, indent=2) writes it.
  expect(averagesJson(reports.filter((report) => report.type === "measured"))).toBe(
    `{
  "NQ/olmo/nq_olmo3.json.gz": {
    "total_samples": 1,
    "avg_thinking_tokens": 2.0,
    "num_recalled": 0,
    "num_not_recalled": 1,
    "avg_thinking_tokens_recalled": 0,
    "avg_thinking_tokens_not_recalled": 2.0
  },
  "a_r1qwen.json": {
    "total_samples": 2,
    "avg_thinking_tokens": 3.0,
    "num_recalled": 2,
    "num_not_recalled": 0,
    "avg_thinking_tokens_recalled": 3.0,
    "avg_thinking_tokens_not_recalled": 0
  }
}`,
  );
});

test("one file, whose model is named, goes by its name", async () => {
  const path = join(temporaryFolder(), "x.json");
  writeFileSync(path, file("ab"));
  expect(await measure(path)).toMatchObject([{ key: "x.json", type: "skipped" }]);
  expect(await measure(path, "olmo-3-7b-think")).toMatchObject([{ key: "x.json", type: "measured" }]);
});

test("a length is opened once for each model that occurs", async () => {
  const folder = temporaryFolder();
  for (const name of ["a_olmo3", "b_r1qwen", "c_olmo3"]) writeFileSync(join(folder, `${name}.json`), file("ab"));
  const opened: string[] = [];
  const openLength = async (modelType: ModelType) => {
    opened.push(modelType);
    return countCharacters;
  };
  await collect(measureThinking(folder, { openLength }));
  expect(opened).toEqual(["olmo-3-7b-think", "r1-distill-qwen-1.5b"]);
});

test("a tokenizer that is not to be had fails the files of its model only", async () => {
  const folder = temporaryFolder();
  for (const name of ["a_olmo3", "b_r1qwen", "c_olmo3"]) writeFileSync(join(folder, `${name}.json`), file("ab"));
  let asked = 0;
  const openLength = async (modelType: ModelType) => {
    if (modelType !== "olmo-3-7b-think") return countCharacters;
    asked += 1;
    throw new ModelError("unreachable", { kind: "connection" });
  };
  const reports = await collect(measureThinking(folder, { openLength }));
  expect(reports.map(({ type }) => type)).toEqual(["failed", "measured", "failed"]);
  expect(asked).toBe(1);
});

test("nothing to measure is refused", async () => {
  const folder = temporaryFolder();
  await expect(measure(join(folder, "missing"))).rejects.toThrow(UsageError);
  await expect(measure(folder)).rejects.toThrow("holds no result files");
  const refined = join(folder, "ex_nq_olmo3.json");
  writeFileSync(refined, "{}");
  await expect(measure(folder)).rejects.toThrow("holds no result files");
  await expect(measure(refined)).rejects.toThrow(/holds refined answers.*Give nq_olmo3\.json/);
});
