import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { HAS_SHARED, SHARED, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { mathExample, modelOf, completion, optionsOf, qaExamples } from "../__fixtures__/run.js";
import { PAPER_EX_TRACES, PAPER_TRACES } from "../__fixtures__/paper-traces.js";
import { evaluate } from "../evaluate.js";
import { readResultRows } from "./read-result-rows.js";

function file(content: unknown): string {
  const path = join(temporaryFolder(), "rows.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("a QA row", async () => {
  const row = {
    question: "q",
    ground_truth: ["a", "b"],
    raw_prediction: "<answer>a</answer>",
    extracted_prediction: "a",
    num_tokens: 7,
    exact_match: true,
    recall: false,
    sample: 2,
  };
  const { kind, rows, errors } = await readResultRows(
    file({ results: [row], errors: [{ question: "x", error: "gone" }] }),
  );
  expect(kind).toBe("qa");
  expect(rows).toEqual([
    {
      kind: "qa",
      index: 0,
      question: "q",
      sample: 2,
      metrics: { recall: false, exactMatch: true },
      numTokens: 7,
      isAnswered: true,
      answers: ["a", "b"],
      prediction: "a",
      text: "<answer>a</answer>",
    },
  ]);
  expect(errors).toEqual([{ question: "x", message: "gone" }]);
});

test("a MATH row without a box is not answered, and keeps the verdict of the file", async () => {
  const row = {
    problem: "p",
    solution: "s",
    type: "algebra",
    raw_prediction: "?",
    extracted_prediction: null,
    extracted_gt: "1",
    num_tokens: 3,
    correct: false,
  };
  const { kind, rows } = await readResultRows(file([row]));
  expect(kind).toBe("math");
  expect(rows[0]).toMatchObject({
    question: "p",
    metrics: { correct: false },
    isAnswered: false,
    prediction: null,
    solution: "s",
  });
});

test("a refined row whose refinement failed has an error and no verdict", async () => {
  const row = { question: "q", original_extracted: "a", refined_answer: "a", ground_truth: ["a"], recalled: false };
  const { kind, rows } = await readResultRows(
    file([
      { ...row, skipped: false },
      { ...row, error: "429" },
    ]),
  );
  expect(kind).toBe("ex");
  expect(rows.map(({ metrics, error }) => ({ metrics, error }))).toEqual([
    { metrics: { recall: false }, error: undefined },
    { metrics: {}, error: "429" },
  ]);
});

test.each([
  [{ total_questions: 9 }, 9],
  [{ total_problems: 7 }, 7],
  [{ total_questions: "9" }, undefined],
  [{}, undefined],
])("of aggregates %j the total is %s", async (aggregates, total) => {
  const { total: found } = await readResultRows(file({ results: [{ question: "q" }], aggregate_metrics: aggregates }));
  expect(found).toBe(total);
});

test("only the columns that are asked for are kept", async () => {
  const row = { question: "q", raw_prediction: "long", extracted_prediction: "", ground_truth: ["a"], recall: true };
  const { rows } = await readResultRows(file([row]), { columns: ["answers"] });
  expect(rows[0]).toEqual({
    kind: "qa",
    index: 0,
    question: "q",
    sample: 0,
    metrics: { recall: true },
    numTokens: null,
    isAnswered: false,
    answers: ["a"],
  });
});

test("a gzipped file is read whatever its name; a cut one is refused by name", async () => {
  const packed = gzipSync(JSON.stringify([{ question: "q", recall: true }]));
  const path = join(temporaryFolder(), "packed.json");
  writeFileSync(path, packed);
  expect((await readResultRows(path)).numRows).toBe(1);
  writeFileSync(path, packed.subarray(0, -12));
  await expect(readResultRows(path)).rejects.toThrow(/packed\.json: cannot read the file/);
});

test("skipped lines are counted and numbered from 1", async () => {
  const { rows, skippedLines } = await readResultRows(file('{"question":"a"}\nbad\n\n{"question":"b"}\nworse\n'));
  expect(rows.map(({ question }) => question)).toEqual(["a", "b"]);
  expect(skippedLines).toEqual({ count: 2, lines: [2, 5] });
});

test.each([
  { name: "a row that is no object", content: [{ question: "a" }, 5], message: /row 1 .*no object/ },
  { name: "a number for a question", content: [{ question: 5 }], message: /row 0 .*question: .*string/ },
  { name: "text for a number of tokens", content: [{ question: "a", num_tokens: "7" }], message: /row 0 .*num_tokens/ },
  {
    name: "refined rows among others",
    content: [
      { question: "a", recall: true },
      { question: "a", recalled: true },
    ],
    message: /row 1 .*kind ex among rows of kind qa/,
  },
  { name: "results that is no list", content: '{"results": {"a": 1}}', message: /results is not a list/ },
  {
    name: "a journal",
    content: '{"type":"header","conditionHash":"0"}\n{"type":"attempt"}\n',
    message: /journal.*\.json/,
  },
])("refused: $name", async ({ content, message }) => {
  await expect(readResultRows(file(content))).rejects.toThrow(message);
});

test("what evaluate leaves comes back, errors and trailer included", async () => {
  const folder = temporaryFolder();
  const model = modelOf(() => completion(""), {
    generate: async ({ question }) => {
      if (question === "question 1") throw new Error("gone");
      return completion(`<answer>answer ${question.slice(-1)}</answer>`);
    },
  });
  const { resultPath } = await evaluate({ ...optionsOf(folder, qaExamples(25), model), samples: 2 });
  const result = await readResultRows(resultPath);
  expect(result).toMatchObject({
    kind: "qa",
    numRows: 48,
    pka: { status: "complete", samples: 2, total: 50, outcomes: { error: 2 } },
  });
  expect(result.errors).toHaveLength(2);
  expect(result.rows.slice(0, 3).map(({ question, sample }) => [question, sample])).toEqual([
    ["question 0", 0],
    ["question 0", 1],
    ["question 2", 0],
  ]);
});

test("so does a MATH run", async () => {
  const model = modelOf(() => completion("so \\boxed{1}"));
  const options = optionsOf(temporaryFolder(), [mathExample(0, "p", "\\boxed{1}")], model);
  const { kind, rows } = await readResultRows((await evaluate(options)).resultPath);
  expect(kind).toBe("math");
  expect(rows[0]).toMatchObject({ metrics: { correct: true }, prediction: "1" });
});

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  test.each([...PAPER_TRACES, ...PAPER_EX_TRACES])("%s", async (path) => {
    const { kind, numRows, rows, errors } = await readResultRows(`${SHARED}/${path}`, { columns: [] });
    expect(kind).toBe(path.includes("/ex_") ? "ex" : "qa");
    expect(numRows).toBeGreaterThan(2000);
    expect(rows.every(({ metrics }) => metrics.recall !== undefined)).toBe(true);
    expect(errors).toEqual([]);
  });
});
