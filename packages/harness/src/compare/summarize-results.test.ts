import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModelError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { resultsOf } from "../__fixtures__/results.js";
import { completion, mathExample, modelOf, optionsOf, qaExamples } from "../__fixtures__/run.js";
import { evaluate } from "../evaluate.js";
import { readResultRows } from "../result/read-result-rows.js";
import { summarizeResults } from "./summarize-results.js";

test("a file of ours has the rates and bounds that its run reported", async () => {
  const replies = [
    completion("<answer>answer 0</answer>"),
    completion("<answer>wrong</answer>"),
    completion("<answer>answer", { finishReason: "length" }),
    // Cut, and right by luck: a success of the paper's, not of a completed row.
    completion("answer 3", { finishReason: "length" }),
    new ModelError("gone", { kind: "connection" }),
  ];
  const model = modelOf(({ question }) => {
    const reply = replies[Number(question.split(" ")[1])]!;
    if (reply instanceof Error) throw reply;
    return reply;
  });
  const report = await evaluate(optionsOf(temporaryFolder(), qaExamples(5), model));
  const summary = summarizeResults(await readResultRows(report.resultPath, { columns: [] }));
  expect(summary).toMatchObject({ numRows: 4, total: 5, numCompleted: 2, numErrors: 1 });
  expect(summary.metrics.exactMatch).toMatchObject({ successes: 2, numRows: 4, rate: 0.5 });
  for (const metric of ["exactMatch", "recall"] as const) {
    const { rateOfAll, rateOfCompleted, bounds } = report.summary.metrics[metric]!;
    expect(summary.metrics[metric]).toMatchObject({ rateOfAll, rateOfCompleted, bounds });
  }
  expect(summary.metrics.exactMatch).toMatchObject({ rateOfAll: 0.4, rateOfCompleted: 0.5, bounds: [0.2, 0.8] });
});

test("MATH: two missing boxes are right as the paper counts, and not completed", async () => {
  const examples = [mathExample(0, "p0", "$\\boxed{1}$"), mathExample(1, "p1", "no box")];
  const model = modelOf(({ question }) => completion(question === "p0" ? "$\\boxed{1}$" : "no idea"));
  const { resultPath } = await evaluate(optionsOf(temporaryFolder(), examples, model));
  const { total, numCompleted, metrics } = summarizeResults(await readResultRows(resultPath, { columns: [] }));
  expect({ total, numCompleted }).toEqual({ total: 2, numCompleted: 1 });
  expect(metrics.correct).toMatchObject({ rate: 1, rateOfAll: 1, rateOfCompleted: 1, bounds: [0.5, 1] });
});

test("without outcomes, a row with an answer is completed; errors count for the whole", async () => {
  const row = (extracted: string, exact: boolean) => ({
    question: `q ${extracted}`,
    ground_truth: ["a"],
    raw_prediction: extracted,
    extracted_prediction: extracted,
    exact_match: exact,
    recall: exact,
  });
  const path = join(temporaryFolder(), "theirs.json");
  const results = [row("a", true), row("b", false), row("", false)];
  writeFileSync(path, JSON.stringify({ results, errors: [{ question: "q4", error: "gone" }] }));
  const { total, numCompleted, metrics } = summarizeResults(await readResultRows(path, { columns: [] }));
  expect({ total, numCompleted }).toEqual({ total: 4, numCompleted: 2 });
  expect(metrics.recall).toMatchObject({ rate: 1 / 3, rateOfAll: 0.25, rateOfCompleted: 0.5, bounds: [0.25, 0.75] });
});

test("a refined file: skipped rows are misses, failed refinements are missing", () => {
  const rows = [
    { question: "q0", metrics: { recall: true } },
    { question: "q1", metrics: { recall: false }, isAnswered: false },
    { question: "q2", error: "gone" },
  ];
  const { total, numCompleted, metrics } = summarizeResults(resultsOf("ex_a.json", rows, { kind: "ex" }));
  expect({ total, numCompleted }).toEqual({ total: 3, numCompleted: 2 });
  expect(metrics.recall).toMatchObject({ rateOfAll: 1 / 3, rateOfCompleted: 0.5, bounds: [1 / 3, 2 / 3] });
});

test("rows that were asked again are counted", async () => {
  const outputDir = temporaryFolder();
  const run = (text: string, more: object = {}) =>
    evaluate(
      optionsOf(
        outputDir,
        qaExamples(3),
        modelOf(({ question }) => completion(question === "question 1" ? text : "<answer>x</answer>")),
        more,
      ),
    );
  await run("");
  const { resultPath } = await run("<answer>answer 1</answer>", { retry: ["empty"] });
  expect(summarizeResults(await readResultRows(resultPath, { columns: [] })).numRetried).toBe(1);
});
