import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { judgeOf, refinedRows, refineOptions, writeSource } from "../__fixtures__/refine.js";
import { collect } from "../__fixtures__/run.js";
import { readJournal } from "../journal/read.js";
import { ResultRowError } from "../result/result-row.js";
import { planRefinement, refine } from "./refine.js";

test("leaves the paper's rows beside the source: refined, and skipped without a request", async () => {
  const sourcePath = writeSource(temporaryFolder(), ["Paris or Rome", "", "Rome\u00e9"]);
  const judge = judgeOf((extracted) => (extracted === "Paris or Rome" ? " Paris\n" : "Rome"));
  const report = await refine(refineOptions(sourcePath, judge));
  expect(report).toMatchObject({ status: "complete", asked: 2, resumed: 0, resultWritten: true });
  expect(report.resultPath).toBe(join(sourcePath, "..", "ex_nq_x_no_cues.json"));
  const ground_truth = ["Paris"];
  expect(refinedRows(report)).toEqual([
    {
      question: "question 0",
      original_extracted: "Paris or Rome",
      refined_answer: "Paris",
      ground_truth,
      recalled: true,
      skipped: false,
    },
    {
      question: "question 1",
      original_extracted: "",
      refined_answer: "",
      ground_truth,
      recalled: false,
      skipped: true,
    },
    {
      question: "question 2",
      original_extracted: "Rome\u00e9",
      refined_answer: "Rome",
      ground_truth,
      recalled: false,
      skipped: false,
    },
  ]);
  expect(readFileSync(report.resultPath, "utf8")).toMatch(/^\{\n {2}"results": \[\n {4}\{\n {6}"question"/);
  expect(readFileSync(report.resultPath, "utf8")).toContain('"Rome\\u00e9"');
  expect(report.summary.recall).toMatchObject({ successes: 1, rateOfAll: 1 / 3, rateOfCompleted: 1 / 3 });
});

test("the judge is asked with the whole prompt, as it is set up to be asked", async () => {
  const asks: object[] = [];
  const judge = judgeOf(() => "x");
  const watched = {
    ...judge,
    generate: (...args: Parameters<typeof judge.generate>) => {
      asks.push(args[0]);
      return judge.generate(...args);
    },
  };
  const sampling = { temperature: 0.2, topP: 0.5 };
  await refine(
    refineOptions(writeSource(temporaryFolder(), ["a {answer} $&"]), watched, { thinking: false, sampling }),
  );
  expect(asks).toEqual([
    {
      task: "prompt",
      question: expect.stringContaining("Original Answer: a {answer} $&\nRefined Answer:"),
      cues: false,
      thinking: false,
      sampling,
    },
  ]);
});

test("equal answers are asked every time, as the paper does; with reuse once, and counted", async () => {
  const extracted = ["Rome", "Paris", "Rome", "Rome", "paris"];
  const judge = judgeOf((answer) => answer);
  const source = writeSource(temporaryFolder(), extracted);
  const { summary, asked } = await refine(refineOptions(source, judge, { reuse: true }));
  expect(judge.asked.toSorted()).toEqual(["Paris", "Rome", "paris"]);
  expect({ asked, refined: summary.refined, reused: summary.reused }).toEqual({ asked: 3, refined: 5, reused: 2 });

  const again = judgeOf((answer) => answer);
  const all = await refine(refineOptions(writeSource(temporaryFolder(), extracted), again));
  expect(again.asked.toSorted()).toEqual(extracted.toSorted());
  expect(all.summary).toMatchObject({ refined: 5, reused: 0 });
});

test("the journal tells judge, prompt version and source, and holds every reply", async () => {
  const judge = judgeOf(() => "Paris", { id: "openai:mini", settings: { reasoningEffort: "medium" } });
  const sourcePath = writeSource(temporaryFolder(), ["Paris, I think"]);
  const { journalPath } = await refine(refineOptions(sourcePath, judge));
  expect(journalPath).toBe(join(sourcePath, "..", "ex_nq_x_no_cues.jsonl"));
  const [header, , attempt] = await collect(readJournal(journalPath));
  expect(header).toMatchObject({
    type: "header",
    condition: {
      judge: "openai:mini",
      settings: { reasoningEffort: "medium" },
      refinePrompt: expect.stringMatching(/^pka-/),
      reuse: false,
    },
    fingerprint: { source: "nq_x_no_cues.json", numRows: 1 },
  });
  expect(attempt).toMatchObject({ type: "attempt", outcome: "answered", completion: { text: "Paris" } });
});

test("what a judge wrote while thinking is no part of the refined answer", async () => {
  const judge = judgeOf(() => ({ text: "<think>Paris?</think>\nRome", thinking: "Paris?", answer: "\nRome" }));
  expect(refinedRows(await refine(refineOptions(writeSource(temporaryFolder(), ["x"]), judge)))).toMatchObject([
    { refined_answer: "Rome", recalled: false },
  ]);
});

test("draws of one question keep their sample number, and have no interval", async () => {
  const folder = temporaryFolder();
  const row = { question: "q", ground_truth: ["Paris"], extracted_prediction: "Paris" };
  const sourcePath = join(folder, "nq.json");
  writeFileSync(sourcePath, JSON.stringify({ results: [row, row].map((one, sample) => ({ ...one, sample })) }));
  const report = await refine(
    refineOptions(
      sourcePath,
      judgeOf(() => "Paris"),
    ),
  );
  expect(refinedRows(report).map(({ sample }) => sample)).toEqual([0, 1]);
  expect(report.summary.recall.interval).toBeNull();
});

test("a file in which nothing was extracted is written without a request", async () => {
  const judge = judgeOf(() => "x");
  const report = await refine(refineOptions(writeSource(temporaryFolder(), ["", ""]), judge));
  expect(judge.asked).toEqual([]);
  expect(refinedRows(report).map(({ skipped }) => skipped)).toEqual([true, true]);
  expect(report).toMatchObject({ status: "complete", summary: { skipped: 2, audit: { empty: { count: 0 } } } });
});

test("the audit names what the judge did to the answers, and where", async () => {
  const replies: Record<string, string | object> = {
    "Rome, or Paris": "Paris",
    "Paris, or Rome": "Rome",
    Madrid: "Refined Answer: Madrid",
    "I'm sorry, but I can't help with that.": "I'm sorry, but I can't help with that.",
    Berlin: "Sorry, I don’t have that information.",
    Oslo: { text: "no", finishReason: "refusal" },
    Bern: " ",
    Rome: "Refined Answer: Paris",
    Vienna: { text: "Vien", finishReason: "length" },
  };
  const sourcePath = writeSource(temporaryFolder(), ["", ...Object.keys(replies)]);
  const judge = judgeOf((extracted) => replies[extracted]!);
  const { summary } = await refine(refineOptions(sourcePath, judge));
  expect(summary.audit).toEqual({
    changed: { count: 8, rows: [1, 2, 3, 5, 6] },
    missesTurnedHits: { count: 1, rows: [8] },
    hitsTurnedMisses: { count: 1, rows: [2] },
    refusals: { count: 2, rows: [5, 6] },
    leaks: { count: 2, rows: [3, 8] },
    empty: { count: 1, rows: [7] },
    truncated: { count: 1, rows: [9] },
  });
  expect(summary.recallUnrefined).toEqual({ successes: 2, rateOfAll: 0.2 });
});

describe("what cannot be refined", () => {
  const refuse = (text: string, name = "nq.json") => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, text);
    return expect(
      refine(
        refineOptions(
          path,
          judgeOf(() => "x"),
        ),
      ),
    ).rejects;
  };
  const row = { question: "q", ground_truth: ["a"], extracted_prediction: "a" };

  test("a MATH result, refined answers, other rows and no rows: a usage error that says which", async () => {
    const math = { problem: "1+1", solution: "2", extracted_prediction: "2", extracted_gt: "2", correct: true };
    await refuse(JSON.stringify({ results: [math] })).toThrow(/nq\.json: a MATH result/);
    const ex = { question: "q", original_extracted: "a", refined_answer: "a", ground_truth: ["a"], recalled: true };
    await refuse(JSON.stringify({ results: [ex] })).toThrow(/refined already/);
    await refuse(JSON.stringify({ results: [{ a: 1 }] })).toThrow(/not a QA result/);
    await refuse('{"results":[]}').toThrow(UsageError);
  });

  test("a damaged row: file, row and field", async () => {
    await refuse(JSON.stringify({ results: [row, { ...row, extracted_prediction: 7 }] })).toThrow(
      /nq\.json: row 1 .*extracted_prediction/,
    );
    await refuse(JSON.stringify({ results: [row, { ...row, ground_truth: undefined }] })).toThrow(
      /row 1 .*ground_truth is missing/,
    );
    await refuse(JSON.stringify({ results: [row, { ...row, extracted_prediction: null }] })).toThrow(ResultRowError);
    await refuse('{"results":[').toThrow(/nq\.json: byte/);
  });

  test.each([
    { more: { startIndex: -1 }, says: /startIndex/ },
    { more: { startIndex: 1.5 }, says: /startIndex/ },
    { more: { concurrency: 0 }, says: /concurrency/ },
    { more: { sampling: { temperature: -1, topP: 1 } }, says: /temperature/ },
  ])("an option that cannot be: $says", async ({ more, says }) => {
    const folder = temporaryFolder();
    const judge = judgeOf(() => "x");
    await expect(refine(refineOptions(writeSource(folder, ["a"]), judge, more))).rejects.toThrow(says);
    expect(existsSync(join(folder, "ex_nq_x_no_cues.jsonl"))).toBe(false);
  });
});

test("a plan counts what would be asked, and asks nothing", async () => {
  const sourcePath = writeSource(temporaryFolder(), ["a", "", "b", "a", "c"]);
  const outputDir = join(temporaryFolder(), "none");
  const plan = { sourcePath, resultPath: join(outputDir, "ex_nq_x_no_cues.json"), rows: 5, skipped: 1 };
  expect(await planRefinement({ sourcePath, outputDir })).toMatchObject({ ...plan, requests: 4 });
  expect(await planRefinement({ sourcePath, outputDir, reuse: true })).toMatchObject({ ...plan, requests: 3 });
  expect(await planRefinement({ sourcePath, outputDir, startIndex: 4 })).toMatchObject({ ...plan, requests: 1 });
  expect(existsSync(outputDir)).toBe(false);
});

test("answers of every kind of text arrive in the prompt and in the file as they are", async () => {
  const texts = ["\ud83d\ude00 na\u00efve", 'a\nb\t"c" \\', "{answer}", "\ud800 lone", "x\u2028y", "x".repeat(20_000)];
  const judge = judgeOf((extracted) => extracted);
  const report = await refine(refineOptions(writeSource(temporaryFolder(), texts), judge, { concurrency: 1 }));
  expect(refinedRows(report).map((row) => row["refined_answer"])).toEqual(texts);
  expect(judge.asked).toEqual(texts);
});
