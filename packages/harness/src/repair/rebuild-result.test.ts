import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { ModelError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { answeringModel, completion, modelOf, optionsOf, qaExamples } from "../__fixtures__/run.js";
import { evaluate } from "../evaluate.js";
import { rebuildResult } from "./rebuild-result.js";

const ALL = qaExamples(20);
const loadExamples = (dataset: string, split: string) => {
  expect({ dataset, split }).toEqual({ dataset: "nq", split: "test" });
  return Promise.resolve(ALL);
};

test("a result file comes out of its journal byte for byte, also of a part of the dataset, with samples and failed rows", async () => {
  const model = modelOf(({ question }) => {
    if (question === "question 7") throw new ModelError("no", { kind: "timeout" });
    return completion(`<answer>${question.replace("question", "answer")}</answer>`);
  });
  const options = optionsOf(temporaryFolder(), ALL.slice(5, 15), model, { samples: 3 });
  const { resultPath, journalPath } = await evaluate(options);
  const written = readFileSync(resultPath);
  rmSync(resultPath);
  expect(await rebuildResult(journalPath, { loadExamples })).toMatchObject({ resultPath, status: "complete" });
  expect(readFileSync(resultPath)).toEqual(written);

  writeFileSync(resultPath, written.subarray(0, 100));
  await rebuildResult(resultPath, { loadExamples });
  expect(readFileSync(resultPath)).toEqual(written);
});

test("of an interrupted run it has what was answered", async () => {
  const stop = new AbortController();
  const model = modelOf(({ question }) => {
    if (question === "question 9") stop.abort();
    return completion("<answer>x</answer>");
  });
  const options = optionsOf(temporaryFolder(), ALL, model, { concurrency: 1, signal: stop.signal });
  const { resultPath } = await evaluate(options);
  const written = readFileSync(resultPath);
  rmSync(resultPath);
  const { status, summary } = await rebuildResult(resultPath, { loadExamples });
  expect({ status, total: summary.total, finished: summary.finished }).toEqual({
    status: "interrupted",
    total: 20,
    finished: 10,
  });
  expect(readFileSync(resultPath)).toEqual(written);
});

test("rows that the dataset no longer has, or has with other content, are refused", async () => {
  const { resultPath } = await evaluate(optionsOf(temporaryFolder(), ALL.slice(5), answeringModel()));
  const written = readFileSync(resultPath);
  const rebuild = (examples: typeof ALL) =>
    rebuildResult(resultPath, { loadExamples: () => Promise.resolve(examples) });
  await expect(rebuild(ALL.slice(0, 19))).rejects.toThrow("nq has no 15 rows from nq/5 on here");
  await expect(rebuild(ALL.with(6, { ...ALL[6]!, hash: "changed" }))).rejects.toThrow("row nq/6");
  expect(readFileSync(resultPath)).toEqual(written);
});
