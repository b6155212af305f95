import { createHash } from "node:crypto";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { HAS_SHARED, SHARED, SKIPPED } from "@pka/fault-kit";
import { evaluate, type EvaluateOptions } from "@pka/harness";
import { describe, expect, test } from "vitest";
import { qaRow, refinedRow, resultsFolder } from "./__fixtures__/results-folder.js";
import { createReport, REPORT_FORMATS } from "./create-report.js";

const THINKING = "nq_gptoss20b_no_cues_with_thinking.json";

test("result files below a folder are read with their refined answers, gzipped or not", async () => {
  const folder = resultsFolder({
    [`NQ/${THINKING}`]: { results: [qaRow("a", true), qaRow("b", false)], errors: [{ question: "c", error: "gone" }] },
    [`NQ/ex_${THINKING}.gz`]: { results: [refinedRow("a", true), refinedRow("b", true)] },
    "NQ/nq_gpt52_no_cues.json.gz": { results: [qaRow("a", true)], aggregate_metrics: { total_questions: 3 } },
    "ex_simpleqa_gpt52_no_cues.json": { results: [refinedRow("a", false)] },
    "math_r1qwen_no_cues_with_thinking.json": {
      results: [{ problem: "p", solution: "s", type: "algebra", raw_prediction: "x", num_tokens: 1, correct: true }],
    },
    ".hidden/nq_gpt52_no_cues.json": "{",
    "notes.json": { threshold: 3 },
    "run/config.json": { seed: 6 },
    "run/metrics.jsonl": "",
    "readme.txt": "x",
  });
  const { data } = await createReport({ folder, format: "json" });
  expect(data.problems).toEqual([
    { file: "notes.json", message: "holds no graded rows: not a result file", severity: "note" },
  ]);
  expect(data.runs.map(({ file, dataset, rows, errors, notAsked }) => [file, dataset, rows, errors, notAsked])).toEqual(
    [
      ["NQ/nq_gpt52_no_cues.json.gz", "nq", 1, 0, 2],
      [`NQ/${THINKING}`, "nq", 2, 1, 0],
      ["ex_simpleqa_gpt52_no_cues.json", "simpleqa", 1, 0, 0],
      ["math_r1qwen_no_cues_with_thinking.json", "math", 1, 0, 0],
    ],
  );
  expect(data.runs[1]!.refinedFile).toBe(`NQ/ex_${THINKING}.gz`);
  expect(data.runs[1]!.metrics.recall!.rate).toBe(0.5);
  expect(data.runs[1]!.metrics.refinedRecall!.rate).toBe(1);
  expect(Object.keys(data.runs[2]!.metrics)).toEqual(["refinedRecall"]);
  expect(data.runs[3]!.metrics.accuracy!.rate).toBe(1);
});

test("only the files asked for are read", async () => {
  const row = { results: [qaRow("a", true)] };
  const folder = resultsFolder({ [`NQ/${THINKING}`]: row, [THINKING]: row, "broken.json": "{" });
  const { data } = await createReport({ folder, format: "json", include: (file) => file === `NQ/${THINKING}` });
  expect(data.runs.map(({ file }) => file)).toEqual([`NQ/${THINKING}`]);
  expect(data.problems).toEqual([]);
});

test("a file that is cut short is named, and the rest is still reported", async () => {
  const folder = resultsFolder({
    [THINKING]: { results: [qaRow("a", true)] },
    "nq_gpt52_no_cues.json": '{"results": [{"question": "a", "recall": true}',
    "nq_olmo3_no_cues.json": { results: [qaRow("a", true)] },
    "ex_nq_olmo3_no_cues.json": "[",
  });
  for (const format of REPORT_FORMATS) {
    const { data, text } = await createReport({ folder, format });
    expect(data.runs).toHaveLength(2);
    expect(data.problems.map(({ file, severity }) => [file, severity])).toEqual([
      ["nq_gpt52_no_cues.json", "error"],
      ["ex_nq_olmo3_no_cues.json", "error"],
    ]);
    expect(data.problems[0]!.message).toMatch(/^byte 46: the file ends/);
    expect(JSON.stringify(data.problems)).not.toContain(folder);
    expect(text).toContain(format === "csv" ? "gptoss20b" : "gpt52");
  }
});

test("a file that cannot be read is named", async () => {
  const folder = resultsFolder({ [THINKING]: { results: [qaRow("a", true)] } });
  symlinkSync(join(folder, "nowhere"), join(folder, "nq_gpt52_no_cues.json"));
  const { data } = await createReport({ folder });
  expect(data.problems).toMatchObject([{ file: "nq_gpt52_no_cues.json", severity: "error" }]);
  expect(data.problems[0]!.message).toMatch(/cannot read/);
});

test("a folder without result files, and one that is not there, are refused by name", async () => {
  const folder = resultsFolder({});
  await expect(createReport({ folder })).rejects.toThrow(`${folder}: no result file`);
  await expect(createReport({ folder: join(folder, "nowhere") })).rejects.toThrow(/nowhere: cannot read the folder/);
});

test("names of files and the title cannot become markup", async () => {
  const name = "nq_<img src=x onerror=alert(1)>_no_cues";
  const folder = resultsFolder({ [`${name}.json`]: { results: [qaRow("a", true)] } });
  const { text } = await createReport({ folder, title: "</title><script>alert(1)</script>" });
  expect(text).not.toContain("<img");
  expect(text.match(/<script/g)).toHaveLength(text.match(/<\/script>/g)!.length);
  expect(text).not.toContain("<script>alert");
});

test("the policy allows the script and the style that are in the file, and nothing else", async () => {
  const folder = resultsFolder({ [THINKING]: { results: [qaRow("a", true)] } });
  const { text } = await createReport({ folder });
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(text)![1]!;
  const hashOf = (pattern: RegExp) => createHash("sha256").update(pattern.exec(text)![1]!).digest("base64");
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    `script-src 'sha256-${hashOf(/<script>([^]*?)<\/script>/)}'`,
    `style-src 'sha256-${hashOf(/<style>([^]*?)<\/style>/)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});

/** A run on the questions a, b, c, d, with these replies; c is cut, and what has no reply fails. */
function cannedRun(folder: string, texts: Readonly<Record<string, string>>): EvaluateOptions {
  return {
    dataset: {
      name: "nq",
      split: "test",
      examples: ["a", "b", "c", "d"].map((question, i) => {
        return { task: "qa", id: `nq/${i}`, hash: question, question, answers: ["gold"] };
      }),
      fingerprint: { source: "test", revision: null, sha256: "", numRows: 4 },
    },
    model: {
      id: "canned",
      fileName: "canned",
      thinkingModes: [true, false],
      settings: {},
      extraction: () => "answer-tags",
      async generate({ question }) {
        const text = texts[question];
        if (text === undefined) throw new Error("gone");
        return { text, finishReason: question === "c" ? "length" : "stop", usage: {}, numTokens: 3, attempts: 1 };
      },
    },
    cues: false,
    thinking: true,
    sampling: { temperature: 1, topP: 1 },
    outputDir: folder,
  };
}

test("outcomes come from the journal of a run", async () => {
  const folder = resultsFolder({});
  await evaluate(cannedRun(folder, { a: "<answer>gold</answer>", b: "", c: "never ends" }));
  const { data } = await createReport({ folder, format: "json" });
  expect(data.problems).toEqual([]);
  expect(data.runs[0]!.journalFile).toBe("nq_canned_no_cues_with_thinking.jsonl");
  expect(data.runs[0]!.outcomes).toMatchObject({ answered: 1, empty: 1, truncated: 1, error: 1, "not-asked": 0 });
});

test("rates of all and of completed rows, bounds, and rows that were asked again stand in every format", async () => {
  const folder = resultsFolder({});
  await evaluate(cannedRun(folder, { a: "<answer>gold</answer>", b: "", c: "never ends" }));
  const retry = { retry: ["empty"] } as const;
  await evaluate({ ...cannedRun(folder, { b: "<answer>lead</answer>" }), ...retry });
  const { data } = await createReport({ folder, format: "json" });
  // a right, b wrong at the second attempt, c cut, d failed.
  expect(data.runs[0]!.metrics.recall).toMatchObject({
    rate: 1 / 3,
    rateOfAll: 0.25,
    completed: 2,
    rateOfCompleted: 0.5,
    bounds: { lower: 0.25, upper: 0.75 },
  });
  expect(data.runs[0]!.retries).toEqual({
    rows: 1,
    retried: { completed: 1, successes: 0, rate: 0 },
    once: { completed: 1, successes: 1, rate: 1 },
  });
  const textOf = async (format: "md" | "csv" | "html") => (await createReport({ folder, format })).text;
  const markdown = await textOf("md");
  expect(markdown).toContain("| recall | 25.0 | 50.0 (of 2) | 25.0 … 75.0 |");
  expect(markdown).toContain("1 rows were asked more than once. Recall of answered rows: 0.0 % (0 of 1) asked again");
  const html = (await textOf("html")).replace(/\s+/g, " ");
  expect(html).toContain("all rows: 25.0, answered: 50.0");
  expect(html).toContain("missing rows wrong: 25.0, right: 75.0");
  expect(html).toContain("1 rows were asked more than once");
  const [head, recall] = (await textOf("csv")).split("\r\n").map((line) => line.split(","));
  const cells = Object.fromEntries(head!.map((name, i) => [name, recall![i]]));
  expect(cells).toMatchObject({ rate_of_all: "0.25", rate_of_completed: "0.5", highest_possible: "0.75" });
  expect(recall).toHaveLength(head!.length);
});

test("CSV does not run as formulas, Markdown not as HTML", async () => {
  const name = "=cmd|' calc'!A0_<b>|x_no_cues.json";
  const folder = resultsFolder({ [name]: { results: [qaRow("a", true)] } });
  const csv = (await createReport({ folder, format: "csv" })).text;
  expect(csv.split("\r\n")[1]).toMatch(/^rate,'=cmd\|' calc'!A0_<b>\|x_no_cues\.json,'=cmd/);
  const markdown = (await createReport({ folder, format: "md" })).text;
  expect(markdown).not.toContain("<b>");
  const cells = markdown.split("\n").find((line) => line.includes("calc"))!;
  expect(cells.match(/(?<!\\)\|/g)).toHaveLength(8);
});

test("JSON has a schema number and no texts", async () => {
  const folder = resultsFolder({ [THINKING]: { results: [qaRow("a", true)] } });
  const { text } = await createReport({ folder, format: "json" });
  expect(JSON.parse(text)).toMatchObject({ schema: 1, runs: [{ dataset: "nq" }], differences: [], problems: [] });
});

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  test("the rates are those of the paper's own aggregates", async () => {
    const { data } = await createReport({ folder: join(SHARED, "paper-traces"), format: "json" });
    // successes and rows of aggregates.json: exact match, recall, refined recall.
    const expected: Record<string, (number | undefined)[]> = {
      "NQ/gpt-5.2/nq_gpt52_no_cues.json.gz": [3610, 158, 2103, 2056],
      "NQ/gpt-oss-20b/nq_gptoss20b_no_cues_no_thinking.json.gz": [3610, 83, 935, 888],
      "NQ/r1-distill-qwen-1.5b/nq_r1qwen_no_cues_no_thinking.json.gz": [3610, 13, 254, 244],
      "StrategyQA/gpt-oss-20b/strategyqa_gptoss20b_no_cues_with_thinking.json.gz": [2061, 1474, 1474, undefined],
      "SimpleQA/gpt-oss-20b/ex_simpleqa_gptoss20b_no_cues_with_thinking.json.gz": [4326, undefined, undefined, 150],
      "SimpleQA/gpt-oss-20b/ex_simpleqa_gptoss20b_reasoningsft_no_cues_with_thinking.json.gz": [
        4326,
        undefined,
        undefined,
        172,
      ],
    };
    const found = data.runs.map(({ file, rows, metrics: { exactMatch, recall, refinedRecall } }) => [
      file,
      [rows, exactMatch?.successes, recall?.successes, refinedRecall?.successes],
    ]);
    expect(Object.fromEntries(found)).toEqual(expected);
    expect(data.problems).toEqual([]);
  });
});
