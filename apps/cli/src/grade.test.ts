import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const folder = mkdtempSync(join(tmpdir(), "pka-grade-"));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** A QA result file whose accepted answer is always `art`, graded as the paper grades where `recall` says so. */
function qaFile(
  name: string,
  answers: readonly string[],
  recall: (answer: string) => boolean = (answer) => answer === "art",
) {
  const results = answers.map((answer, index) => ({
    question: `question ${index}`,
    ground_truth: ["art"],
    raw_prediction: `<answer>${answer}</answer>`,
    extracted_prediction: answer,
    num_tokens: 5,
    exact_match: answer === "art",
    recall: recall(answer),
  }));
  return file(name, { results, errors: [] });
}

const half = (one: string, other: string) => Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? one : other));
const a = qaFile("a.json", half("smart", "art"));
const b = qaFile("b.json", half("dull", "art"));

test("rates with intervals, kappa and rows of disagreement", async () => {
  const { exitCode, stdout, stderr } = await runPka(["grade", a]);
  expect(stdout).toContain(`A  ${a}: 24 rows`);
  expect(stdout).toContain("every stored verdict is what the paper's grader says");
  expect(stdout).toMatch(/eval .* paper .* 12\/24 .* 50\.0 % .* \[31\.4, 68\.6\]/);
  expect(stdout).toMatch(/rl-reward .* paper .* 24\/24 .* 100\.0 %/);
  expect(stdout).toContain("recall: kappa (rows that differ); 12 rows on which not all agree");
  expect({ exitCode, stderr }).toEqual({ exitCode: EXIT.done, stderr: "" });
});

test("two files: difference and p per grader, and whether the conclusion depends on it", async () => {
  const { exitCode, stdout } = await runPka(["grade", a, b]);
  expect(stdout).toMatch(/recall .* rl-reward .* 100\.0 % .* 50\.0 % .* 50\.0 .* 4\.9e-4/);
  expect(stdout).toContain(
    "The conclusion on recall depends on the grader: A is better under rl-reward; no significant difference under eval, ",
  );
  expect(stdout).toContain("The conclusion on exact match does not depend on the grader: no significant difference");
  expect(exitCode).toBe(EXIT.done);
});

test("--json holds the rows, and verdicts in the file that no grader gives are reported", async () => {
  const wrong = qaFile("stored.json", ["art", "dull"], () => true);
  const { stdout } = await runPka(["grade", wrong, "--json"]);
  const { schema, command, files, comparisons } = JSON.parse(stdout);
  expect({ schema, command, comparisons }).toEqual({ schema: 1, command: "grade", comparisons: [] });
  expect(files[0].storedOtherwise).toEqual({ recall: [1], exactMatch: [] });
  expect(files[0].disagreements).toMatchObject([
    { row: 1, question: "question 1", metric: "recall", verdicts: { stored: true, eval: false } },
  ]);
  expect((await runPka(["grade", wrong])).stdout).toContain(
    "1 stored verdicts on recall differ from the paper's grader: rows 1",
  );
});

test("MATH is graded by its own rules", async () => {
  const math = file("math.json", [
    {
      problem: "p",
      solution: "\\boxed{2}",
      type: "algebra",
      raw_prediction: "\\boxed{2}",
      extracted_prediction: "2",
      correct: true,
    },
    {
      problem: "q",
      solution: "none",
      type: "algebra",
      raw_prediction: "none",
      extracted_prediction: null,
      correct: true,
    },
  ]);
  const { exitCode, stdout } = await runPka(["grade", math]);
  expect(stdout).toMatch(/math .* paper .* 2\/2 /);
  expect(stdout).toMatch(/math-repaired .* repaired .* 1\/2 /);
  expect(exitCode).toBe(EXIT.done);
});

test("hostile text is graded and never reaches the terminal", async () => {
  const results = ["\u001b[31mred\u001b]0;title\u0007", "=cmd|' /C calc'!A0", "\ud800 alone", "\u009b31m"].map(
    (text) => ({
      question: text,
      ground_truth: [text],
      raw_prediction: `<answer>${text}`,
      extracted_prediction: "\u001b[2J",
      exact_match: false,
      recall: false,
    }),
  );
  const path = file("hostile.json", results);
  for (const args of [
    ["grade", path],
    ["grade", path, "--json"],
    ["grade", path, path],
  ]) {
    const { exitCode, stdout, stderr } = await runPka(args);
    // oxlint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    expect(exitCode).toBe(EXIT.done);
  }
  const { files } = JSON.parse((await runPka(["grade", path, "--json"])).stdout);
  expect(files[0].disagreements.map(({ question }: { question: string }) => question)).toContain("\ud800 alone");
});

test.each([
  {
    name: "an ex_ file",
    files: () => [
      file("ex_a.json", [
        { question: "q", original_extracted: "a", refined_answer: "a", ground_truth: ["a"], recalled: true },
      ]),
    ],
    message: /ex_a\.json cannot be graded: it holds refined answers/,
  },
  {
    name: "two datasets",
    files: () => [a, file("other.json", [{ question: "other", ground_truth: ["x"], raw_prediction: "x" }])],
    message: /only 0 of 1 rows.*different datasets/,
  },
  { name: "no rows", files: () => [file("empty.json", { results: [] })], message: /empty\.json.*no rows/ },
  {
    name: "no accepted answers",
    files: () => [file("no-answers.json", [{ question: "q", raw_prediction: "x" }])],
    message: /no-answers\.json: row 0 .*ground_truth is missing/,
  },
  {
    name: "an answer that is no text",
    files: () => [file("number.json", [{ question: "q", raw_prediction: 5, ground_truth: ["a"] }])],
    message: /number\.json: row 0 .*raw_prediction/,
  },
  {
    name: "truncated JSON",
    files: () => [file("cut.json", '{"results": [\n{"question": "q')],
    message: /cut\.json: byte \d+/,
  },
  { name: "NaN", files: () => [file("nan.json", '{"results": [\n{"num_tokens": NaN}]}')], message: /JSON has no NaN/ },
])("$name: a clear message and exit code 1", async ({ files, message }) => {
  const { exitCode, stdout, stderr } = await runPka(["grade", ...files()]);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect({ exitCode, stdout }).toEqual({ exitCode: EXIT.failed, stdout: "" });
});

test("no file, or an extraction that is none, is exit code 2", async () => {
  expect((await runPka(["grade"])).exitCode).toBe(EXIT.usage);
  expect((await runPka(["grade", a, "--extraction", "best"])).exitCode).toBe(EXIT.usage);
});
