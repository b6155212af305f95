import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HAS_SHARED, SHARED, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { PAPER_EX_TRACES, PAPER_TRACES } from "../__fixtures__/paper-traces.js";
import { NotGradableError } from "./errors.js";
import { regradeFile } from "./regrade-file.js";
import { summarizeRegrade } from "./summarize-regrade.js";

function file(rows: readonly object[]): string {
  const path = join(temporaryFolder(), "results.json");
  writeFileSync(path, JSON.stringify({ results: rows }));
  return path;
}

const qa = (text: string | null, answers: string[], more: object = {}) => ({
  question: `about ${answers.join()}`,
  ground_truth: answers,
  raw_prediction: text,
  ...more,
});

const HARMONY = "<|channel|>analysis<|message|>is it <answer>Rome</answer>?<|end|><|start|>assistant";

test("every grader of QA, the paper's faults and the repairs side by side", async () => {
  const path = file([
    qa("<answer>Paris</answer>", ["Paris"]),
    qa(`${HARMONY}<|channel|>final<|message|><answer>Paris</answer>`, ["Paris"]), // tags while thinking
    qa("<answer>It cost £100</answer>", ["£100"]), // an alias that begins in a symbol
    qa("<answer>smart</answer>", ["art"]), // part of a word
    qa("<answer>anything</answer>", ["The"]), // an alias of nothing
    qa("It’s O’Hara", ["O'Hara"]), // curly quotes
  ]);
  const { graders, extraction, task, withoutGrader } = await regradeFile(path);
  expect({ extraction, task, withoutGrader }).toEqual({ extraction: "answer-tags", task: "qa", withoutGrader: [] });
  const recalls = Object.fromEntries(
    graders.map(({ grader, verdicts }) => [grader.name, verdicts.map((given) => (given?.recall ? "+" : "-")).join("")]),
  );
  expect(recalls).toEqual({
    eval: "+---++",
    "ex-recall": "+---+-",
    "rl-reward": "+-++++",
    "eval-repaired": "+++--+",
    "ex-recall-repaired": "+++---",
    "rl-reward-repaired": "+++--+",
  });
});

test("the extraction is the one that reproduces the file's own answers", async () => {
  const rows = [
    qa("Paris</answer> or so", ["Paris"], { extracted_prediction: "Paris", exact_match: true, recall: true }),
    qa("Rome", ["Rome"], { extracted_prediction: "Rome", exact_match: true, recall: true }),
    qa("Lima</answer>", ["Lima"], { extracted_prediction: "something else", exact_match: true, recall: true }),
  ];
  const regraded = await regradeFile(file(rows));
  expect(regraded).toMatchObject({ extraction: "before-close-tag", numExtractedOtherwise: 1 });
  expect(regraded.graders[0]?.verdicts).toEqual(Array.from(rows, () => ({ exactMatch: true, recall: true })));
  const forced = await regradeFile(file(rows), { extraction: "answer-tags" });
  expect(forced.numExtractedOtherwise).toBe(2);
  expect(forced.graders[0]?.verdicts[0]).toEqual({ exactMatch: false, recall: true });
});

test("without texts the stored answers are graded, and graders that need texts are named", async () => {
  const row = {
    question: "q",
    ground_truth: ["Paris"],
    extracted_prediction: "in Paris",
    exact_match: false,
    recall: true,
  };
  const { graders, withoutGrader } = await regradeFile(file([row]));
  expect(graders.map(({ grader }) => grader.name)).toEqual(["eval", "ex-recall"]);
  expect(withoutGrader).toEqual(["rl-reward", "eval-repaired", "ex-recall-repaired", "rl-reward-repaired"]);
});

test("a row without text is not graded, and is counted", async () => {
  const { graders } = summarizeRegrade(await regradeFile(file([qa("Paris", ["Paris"]), qa(null, ["Rome"])])));
  expect(graders[0]).toMatchObject({
    name: "eval",
    numNotGraded: 1,
    metrics: { recall: { successes: 1, numRows: 1 } },
  });
});

test("MATH: two missing boxes are equal in the paper's rule only, and boxes of the thinking do not count when repaired", async () => {
  const row = (text: string, solution: string) => ({
    problem: `p ${text}`,
    solution,
    raw_prediction: text,
    correct: true,
  });
  const { graders, task } = await regradeFile(
    file([
      row("so \\boxed{\\frac12}", "\\boxed{0.5}"),
      row("no idea", "no box either"),
      row("maybe \\boxed{1}</think> so it is two", "\\boxed{1}"),
    ]),
  );
  expect(task).toBe("math");
  const correct = (name: string) => graders.find(({ grader }) => grader.name === name)?.verdicts.map((v) => v?.correct);
  expect(correct("math")).toEqual([true, true, true]);
  expect(correct("math-repaired")).toEqual([true, false, false]);
});

test.each([
  {
    name: "an ex_ file",
    rows: [{ question: "q", original_extracted: "a", refined_answer: "a", ground_truth: ["a"], recalled: true }],
    message: /results\.json cannot be graded: it holds refined answers/,
  },
  { name: "no rows", rows: [], message: /it has no rows/ },
  {
    name: "no accepted answers",
    rows: [{ question: "q", raw_prediction: "a" }],
    message: /row 0 .*ground_truth is missing/,
  },
  { name: "no solution", rows: [{ problem: "q", raw_prediction: "a" }], message: /row 0 .*solution is missing/ },
  {
    name: "no answers of a model",
    rows: [{ question: "q", ground_truth: ["a"], recall: true }],
    message: /no row holds/,
  },
])("refused: $name", async ({ rows, message }) => {
  await expect(regradeFile(file(rows))).rejects.toThrow(message);
});

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  test.each(PAPER_TRACES)("every stored verdict of %s is the paper's grader's", async (path) => {
    const regraded = await regradeFile(`${SHARED}/${path}`);
    expect(regraded.extraction).toBe(path.includes("r1qwen") ? "before-close-tag" : "answer-tags");
    expect(regraded.numExtractedOtherwise).toBe(0);
    const { storedOtherwise, graders, agreement } = summarizeRegrade(regraded);
    expect(storedOtherwise).toEqual({ recall: [], exactMatch: [] });
    expect(graders.map(({ numNotGraded }) => numNotGraded)).toEqual(graders.map(() => 0));
    const own = agreement.filter((one) => one.graders[0] === "stored" && one.graders[1] === "eval");
    expect(own.map(({ numDisagreements }) => numDisagreements)).toEqual([0, 0]);
  });

  test("a refined file is refused", async () => {
    await expect(regradeFile(`${SHARED}/${PAPER_EX_TRACES[0]!}`)).rejects.toThrow(NotGradableError);
  });
});
