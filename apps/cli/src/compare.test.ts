import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const folder = mkdtempSync(join(tmpdir(), "pka-compare-"));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

interface Row {
  question: string;
  [field: string]: unknown;
}

/** Rows of a QA result file: `+` recalled, `-` not. */
function qaRows(verdicts: string, more: (index: number) => Partial<Row> = () => ({})): Row[] {
  return Array.from(verdicts, (letter, index) => ({
    question: `question ${index}`,
    ground_truth: ["Paris"],
    raw_prediction: letter === "+" ? "<answer>in Paris</answer>" : "<answer>Rome</answer>",
    extracted_prediction: letter === "+" ? "in Paris" : "Rome",
    num_tokens: 5,
    exact_match: false,
    recall: letter === "+",
    ...more(index),
  }));
}

const qaFile = (name: string, verdicts: string, more?: (index: number) => Partial<Row>) =>
  file(name, { results: qaRows(verdicts, more), errors: [] });

const a = qaFile("a.json", `${"+".repeat(3)}${"-".repeat(17)}`);
const b = qaFile("b.json", `${"-".repeat(3)}${"+".repeat(12)}${"-".repeat(5)}`);
const ex = file("ex_a.json", {
  results: qaRows("+-".repeat(10)).map(({ question, recall }) => ({
    question,
    original_extracted: "x",
    refined_answer: "x",
    ground_truth: ["Paris"],
    recalled: recall,
    skipped: false,
  })),
});

test("a table, both tests and a sentence per metric", async () => {
  const { exitCode, stdout, stderr } = await runPka(["compare", a, b, "--mid-p"]);
  expect(stdout).toContain(`A  ${a}\nB  ${b}\n`);
  expect(stdout).toContain("A against B: 20 pairs by question");
  expect(stdout).toMatch(/recall .* 15\.0 % .* 60\.0 % .* -45\.0 .* McNemar, exact .* 0\.035 .* 0\.021/);
  expect(stdout).toMatch(/B has the higher recall, 60\.0 % against 15\.0 %, significant at 0\.05 \(p = 0\.035/);
  expect(stdout).toMatch(/A and B do not differ in exact match/);
  expect({ exitCode, stderr }).toEqual({ exitCode: EXIT.done, stderr: "" });
});

test("--json is one document; a seed decides it", async () => {
  const args = ["compare", a, b, "--json", "--n-bootstrap", "500", "--metric", "recall", "--seed"];
  const [one, again, other] = await Promise.all(["1", "1", "2"].map((seed) => runPka([...args, seed])));
  const { schema, command, comparisons } = JSON.parse(one!.stdout);
  expect({ schema, command }).toEqual({ schema: 1, command: "compare" });
  expect(comparisons[0].metrics[0]).toMatchObject({
    metric: "recall",
    table: { both: 0, firstOnly: 3, secondOnly: 12, neither: 5 },
    bootstrap: { seed: 1, resamples: 500, method: "percentile" },
  });
  expect(again!.stdout).toBe(one!.stdout);
  expect(JSON.parse(other!.stdout).comparisons[0].metrics[0].mcnemar).toEqual(comparisons[0].metrics[0].mcnemar);
});

test("several files are compared with the first, with Holm's adjustment", async () => {
  const { exitCode, stdout } = await runPka(["compare", a, b, a, "--metric", "recall"]);
  expect(stdout).toMatch(/A against B[^]*over 2 comparisons with A \(Holm\): p = 0\.070[^]*A against C/);
  expect(exitCode).toBe(EXIT.done);
});

test("a base file and an ex_ file are compared on recall alone, and that is said", async () => {
  const { exitCode, stdout } = await runPka(["compare", a, ex]);
  expect(stdout).toContain("exact match stands in one of the two only: not compared");
  expect(exitCode).toBe(EXIT.done);
});

test("rows that do not pair, duplicates, rows without an answer and errors are all counted", async () => {
  const repeated = qaFile("repeated.json", "+-+-+-+-+-", (i) => ({ question: `question ${i % 8}` }));
  const partial = file("partial.json", {
    results: qaRows("+-+-+-+", (i) => (i === 0 ? { extracted_prediction: "", recall: false } : {})),
    errors: [{ question: "question 7", error: "gone" }],
  });
  const { exitCode, stdout } = await runPka(["compare", repeated, partial]);
  expect(stdout).toContain("1 error, 1 without an answer");
  expect(stdout).toContain("A against B: 7 pairs by question");
  expect(stdout).toContain("not paired: 3 rows of A, 0 rows of B");
  expect(stdout).toContain("repeated questions: 2 rows of A, 0 rows of B");
  expect(exitCode).toBe(EXIT.done);
  const clustered = await runPka(["compare", repeated, repeated]);
  expect(clustered.stdout).toMatch(/by question .* 8 .* clustered permutation/);
});

test("lines that are not JSON are skipped aloud", async () => {
  const lines = qaRows("+-+").map((row) => JSON.stringify(row));
  const path = file("lines.jsonl", [...lines.slice(0, 1), "{torn", ...lines.slice(1)].join("\n"));
  const { exitCode, stdout, stderr } = await runPka(["compare", path, a]);
  expect(stderr).toBe(`warning: ${path}: line 2 not JSON, skipped\n`);
  expect(stdout).toContain("3 pairs");
  expect(exitCode).toBe(EXIT.done);
});

test("hostile text is compared like any other and never reaches the terminal", async () => {
  const questions = [
    "\u001b[31mred\u001b]0;title\u0007",
    "=cmd|' /C calc'!A0",
    "\ud800 alone",
    "__proto__",
    "constructor",
  ];
  const more = (i: number) => ({ question: questions[i]!, extracted_prediction: "\u001b[2J" });
  const { exitCode, stdout } = await runPka([
    "compare",
    qaFile("hostile-a.json", "+-+-+", more),
    qaFile("hostile-b.json", "-+-+-", more),
  ]);
  expect(stdout).toContain("5 pairs");
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u001b\u0007]/);
  expect(exitCode).toBe(EXIT.done);
});

test.each([
  {
    name: "files of different datasets",
    files: () => [a, qaFile("other.json", "+-", (i) => ({ question: `other ${i}` }))],
    message: /a\.json and .*other\.json cannot be compared: only 0 of 2 rows.*different datasets/,
  },
  { name: "zero rows", files: () => [a, file("empty.json", { results: [] })], message: /empty\.json has no rows/ },
  { name: "an empty file", files: () => [a, file("nothing.json", "")], message: /nothing\.json has no rows/ },
  {
    name: "a metric in only one file",
    files: () => [
      a,
      file(
        "recall.json",
        qaRows("+-").map(({ question, recall }) => ({ question, recall })),
      ),
    ],
    message: /exactMatch is missing in .*recall\.json/,
  },
  {
    name: "truncated JSON",
    files: () => [a, file("cut.json", JSON.stringify({ results: qaRows("+-") }, null, 2).slice(0, -40))],
    message: /cut\.json: byte \d+: the file ends where/,
  },
  {
    name: "NaN",
    files: () => [a, file("nan.json", `{"results": [\n{"question": "q", "num_tokens": NaN, "recall": true}]}`)],
    message: /nan\.json: byte \d+: .*item 0.*JSON has no NaN/,
  },
  { name: "no result file", files: () => [a, file("text.txt", "hello\nworld\n")], message: /text\.txt: byte 0/ },
  {
    name: "a file that is not there",
    files: () => [a, join(folder, "none.json")],
    message: /none\.json.*no such file/,
  },
])("$name: a clear message and exit code 1", async ({ files, message }) => {
  const { exitCode, stdout, stderr } = await runPka(["compare", ...files()]);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect({ exitCode, stdout }).toEqual({ exitCode: EXIT.failed, stdout: "" });
});

test.each([
  { args: [a], message: /missing required argument/ },
  { args: [a, b, "--alpha", "2"], message: /--alpha[^]*at most 1/ },
  { args: [a, b, "--alpha", "1"], message: /alpha must lie between 0 and 1/ },
  { args: [a, b, "--n-bootstrap", "0"], message: /--n-bootstrap[^]*whole number/ },
  { args: [a, b, "--metric", "f1"], message: /--metric[^]*recall, exact_match, correct/ },
  { args: [a, b, "--pair-by-index", "--pairing", "legacy"], message: /exclude each other/ },
])("$args: exit code 2", async ({ args, message }) => {
  const { exitCode, stderr } = await runPka(["compare", ...args]);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(EXIT.usage);
});
