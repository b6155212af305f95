import { readFileSync, writeFileSync } from "node:fs";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { collect, completion, mathExample, modelOf, optionsOf } from "./__fixtures__/run.js";
import { evaluate } from "./evaluate.js";
import { decodeLine, encodeLine } from "./journal/line.js";
import { readJournal } from "./journal/read.js";

const ROWS = [
  { gold: "\\frac12", answer: "\\frac{1}{2}", correct: true, verdict: "equivalent" },
  { gold: "1 + \\sqrt{2}", answer: "\\sqrt{2}+1", correct: false, verdict: "equivalent" },
  { gold: "[1,2]", answer: "(1,2)", correct: false, verdict: "different" },
  { gold: "5\\text{ cm}", answer: "5\\text{ m}", correct: true, verdict: "different" },
  { gold: "\\sum k", answer: "\\sum  j", correct: false, verdict: "undecided" },
  { gold: null, answer: null, correct: true, verdict: "undecided" },
] as const;

const PAPER_FIELDS = ["results", "aggregate_metrics", "errors"];
const EXPECTED = {
  equivalent: 2,
  different: 2,
  undecided: 2,
  incorrectButEquivalent: 1,
  correctButDifferent: 1,
  correctButUndecided: 1,
};

function mathRun(outputDir: string) {
  const boxed = (answer: string | null) => (answer === null ? "no idea" : `so $\\boxed{${answer}}$`);
  const examples = ROWS.map(({ gold }, index) => mathExample(index, `p${index}`, boxed(gold)));
  const model = modelOf(({ question }) => completion(boxed(ROWS[Number(question.slice(1))]!.answer)));
  return evaluate(optionsOf(outputDir, examples, model, { concurrency: 1 }));
}

test("MATH has a second verdict in the journal and under `pka`; the paper's fields stay as they are", async () => {
  const report = await mathRun(temporaryFolder());
  expect(report.summary.verification).toEqual(EXPECTED);

  const attempts = (await collect(readJournal(report.journalPath))).filter((record) => record.type === "attempt");
  expect(attempts.map(({ verdict }) => verdict)).toMatchObject(
    ROWS.map(({ correct, verdict }) => ({ correct, verification: { verdict } })),
  );

  const { pka, ...paper } = JSON.parse(readFileSync(report.resultPath, "utf8"));
  expect(pka.verification).toEqual({
    equivalent: 2,
    different: 2,
    undecided: 2,
    incorrect_but_equivalent: 1,
    correct_but_different: 1,
    correct_but_undecided: 1,
  });
  expect(Object.keys(paper)).toEqual(PAPER_FIELDS);
  expect(paper.aggregate_metrics).toMatchObject({ correct: 3, accuracy: 0.5 });
  expect(Object.keys(paper.results[0])).toEqual([
    "problem",
    "solution",
    "type",
    "raw_prediction",
    "extracted_prediction",
    "extracted_gt",
    "num_tokens",
    "correct",
  ]);
});

test("a journal that was written without the second verdict gets it when it is read", async () => {
  const outputDir = temporaryFolder();
  const { journalPath, resultPath } = await mathRun(outputDir);
  const before = readFileSync(resultPath, "utf8");
  const lines = readFileSync(journalPath, "utf8").trimEnd().split("\n");
  const older = lines.map((line) => {
    const { crc: _, ...record } = decodeLine(Buffer.from(line)) as Record<string, unknown>;
    const text = JSON.stringify(record).replace(/,"verification":\{[^}]*\}/, "");
    return encodeLine(JSON.parse(text)).toString();
  });
  expect(older.join("")).not.toContain("verification");
  writeFileSync(journalPath, older.join(""));

  const report = await mathRun(outputDir);
  expect(report).toMatchObject({ resumed: ROWS.length, asked: 0 });
  expect(report.summary.verification).toEqual(EXPECTED);
  expect(readFileSync(resultPath, "utf8")).toBe(before);
});
