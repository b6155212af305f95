import { readFileSync } from "node:fs";
import { type Completion, ModelError, type Outcome } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { attemptsOf, resultOf } from "./__fixtures__/run-files.js";
import { completion, modelOf, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { evaluate } from "./evaluate.js";
import type { EvaluateOptions } from "./evaluate-options.js";

const REPLIES: { readonly [Letter in string]: (answer: string) => Completion } = {
  // right, wrong, empty, truncated, refused, unparsed
  r: (answer) => completion(`<answer>${answer}</answer>`),
  w: () => completion("<answer>wrong</answer>"),
  e: () => completion(""),
  t: () => completion("<answer>never clo", { finishReason: "length" }),
  f: () => completion("no", { finishReason: "refusal" }),
  u: () => completion("hmm", { thinking: "hmm", answer: "" }),
};

/** Question n gets the reply of letter n; `x` fails. Remembers what it was asked. */
function scripted(letters: string) {
  const asked: number[] = [];
  const seeds: (number | undefined)[] = [];
  const model = modelOf(({ question, seed }) => {
    const n = Number(question.split(" ")[1]);
    asked.push(n);
    seeds.push(seed);
    const letter = letters[n]!;
    if (letter === "x") throw new ModelError("reset", { kind: "connection" });
    return REPLIES[letter]!(`answer ${n}`);
  });
  return { model, asked, seeds };
}

/** One question per letter. */
async function run(outputDir: string, letters: string, more: Partial<EvaluateOptions> = {}) {
  const { model, asked, seeds } = scripted(letters);
  const report = await evaluate(optionsOf(outputDir, qaExamples(letters.length), model, { concurrency: 1, ...more }));
  return { report, asked, seeds };
}

test("asks the rows of the named outcomes again and no others, and what comes out replaces what was there", async () => {
  const outputDir = temporaryFolder();
  const first = await run(outputDir, "rwetfuxe");
  expect(first.report.summary.outcomes).toMatchObject({ answered: 2, empty: 2, truncated: 1, error: 1 });

  const { report, asked } = await run(outputDir, "wwrrrrrw", { retry: ["empty", "truncated"] });
  expect(asked).toEqual([2, 3, 7]);
  expect(report).toMatchObject({ status: "complete", asked: 3, resumed: 4 });
  expect(report.summary.outcomes).toEqual({
    answered: 5,
    empty: 0,
    truncated: 0,
    "truncated-thinking": 0,
    refused: 1,
    unparsed: 1,
    error: 1,
  });
  expect(report.summary.metrics.exactMatch).toMatchObject({ successes: 3, successesOfCompleted: 3 });
  expect(
    (await attemptsOf(report)).filter(({ id }) => id === "nq/2").map(({ attempt, outcome }) => [attempt, outcome]),
  ).toEqual([
    [1, "empty"],
    [2, "answered"],
  ]);
});

test("marks every retried row and no other in the result, failed ones too", async () => {
  const outputDir = temporaryFolder();
  await run(outputDir, "retxx");
  await run(outputDir, "rtrxr", { retry: ["empty", "truncated"] });
  const { report } = await run(outputDir, "rrrxr", { retry: ["truncated", "error"] });
  const { results, errors } = resultOf(report);
  const marks = results.map((row: { question: string; attempts?: number; earlier_outcomes?: Outcome[] }) => [
    row.question,
    row.attempts,
    row.earlier_outcomes,
  ]);
  expect(marks).toEqual([
    ["question 0", undefined, undefined],
    ["question 1", 3, ["empty", "truncated"]],
    ["question 2", 2, ["truncated"]],
    ["question 4", 2, ["error"]],
  ]);
  expect(errors).toEqual([{ question: "question 3", error: "reset", attempts: 2, earlier_outcomes: ["error"] }]);
});

test("compares the retried rows with the others, in the report and in the file", async () => {
  const outputDir = temporaryFolder();
  const once = await run(outputDir, "rrwetx");
  expect(once.report.summary).not.toHaveProperty("retries");
  expect(resultOf(once.report).pka).not.toHaveProperty("retries");
  // The error by the same call, the two others by a retry: row 3 is right now, 4 wrong, 5 right.
  await run(outputDir, "rrwetr");
  const { report } = await run(outputDir, "rrwrwr", { retry: ["empty", "truncated"] });
  expect(report.summary.retries).toMatchObject({
    firstOutcomes: { answered: 0, empty: 1, truncated: 1, error: 1 },
    retried: { total: 3, completed: 3, metrics: { exactMatch: { successes: 2, rateOfCompleted: 2 / 3 } } },
    notRetried: { total: 3, completed: 3, metrics: { exactMatch: { successes: 2, rateOfCompleted: 2 / 3 } } },
  });
  expect(resultOf(report).pka.retries).toMatchObject({
    first_outcomes: { empty: 1, truncated: 1, error: 1 },
    retried: { total: 3, completed: 3, metrics: { exact_match: { successes: 2, rate_of_all: 2 / 3 } } },
    not_retried: { total: 3, metrics: { exact_match: { bounds: [2 / 3, 2 / 3] } } },
  });
});

test("where every row was retried there is nothing to compare with", async () => {
  const outputDir = temporaryFolder();
  await run(outputDir, "ee");
  const { report } = await run(outputDir, "rr", { retry: ["empty"] });
  expect(report.summary.retries?.notRetried).toEqual({ total: 0, completed: 0, metrics: {} });
});

test("an interrupted retry goes on where it was, and only a finished one starts over", async () => {
  const outputDir = temporaryFolder();
  await run(outputDir, "reeee");
  const drain = new AbortController();
  const half = await run(outputDir, "reeee", {
    retry: ["empty"],
    signal: drain.signal,
    onProgress: ({ done, resumed }) => done - resumed === 2 && drain.abort(),
  });
  expect(half.report.status).toBe("interrupted");
  expect(half.asked).toEqual([1, 2]);
  // Rows 1 and 2 came out empty again: they have had their turn.
  const rest = await run(outputDir, "reeer", { retry: ["empty"] });
  expect(rest.asked).toEqual([3, 4]);
  expect((await run(outputDir, "rrrrr", { retry: ["empty"] })).asked).toEqual([1, 2, 3]);
  expect((await run(outputDir, "rrrrr", { retry: ["empty"] })).asked).toEqual([]);
});

test("other outcomes begin a round of their own", async () => {
  const outputDir = temporaryFolder();
  await run(outputDir, "eett");
  const drain = new AbortController();
  const onProgress = () => drain.abort();
  await run(outputDir, "eett", { retry: ["empty"], signal: drain.signal, onProgress });
  expect((await run(outputDir, "eerr", { retry: ["truncated", "empty"] })).asked).toEqual([0, 1, 2, 3]);
});

test("a row whose retry failed is asked by the same call again, and also without retry", async () => {
  const outputDir = temporaryFolder();
  await run(outputDir, "ree");
  const failed = await run(outputDir, "rrx", { retry: ["empty"] });
  expect(failed.report.summary.outcomes).toMatchObject({ answered: 2, error: 1 });
  expect((await run(outputDir, "rrx", { retry: ["empty"] })).asked).toEqual([2]);
  expect((await run(outputDir, "rrr")).asked).toEqual([2]);
});

test("leaves rows alone that were never asked, and says that the run is not whole", async () => {
  const outputDir = temporaryFolder();
  await run(outputDir, "re");
  const { report, asked } = await run(outputDir, "rrrr", { retry: ["empty"] });
  expect(asked).toEqual([1]);
  expect(report.status).toBe("interrupted");
  expect(resultOf(report).pka).toMatchObject({ status: "interrupted", total: 4, finished: 2 });
  expect((await run(outputDir, "rrrr")).report.status).toBe("complete");
});

test("asks single draws of a question again, each with a seed that it has not had", async () => {
  const outputDir = temporaryFolder();
  let empty = 2;
  const seen: (number | undefined)[] = [];
  const model = modelOf(({ question, seed }) => {
    seen.push(seed);
    return question === "question 1" && empty-- > 0 ? completion("") : completion("<answer>answer 1</answer>");
  });
  const options = optionsOf(outputDir, qaExamples(3), model, { concurrency: 1, samples: 3, seed: 5 });
  const first = await evaluate(options);
  expect(first.summary.outcomes).toMatchObject({ empty: 2, answered: 7 });
  const report = await evaluate({ ...options, retry: ["empty"] });
  expect(report).toMatchObject({ asked: 2, summary: { total: 9, outcomes: { empty: 0, answered: 9 } } });
  const retried = resultOf(report).results.filter((row: object) => "attempts" in row);
  expect(retried.map((row: { question: string; sample: number }) => [row.question, row.sample])).toEqual([
    ["question 1", 0],
    ["question 1", 1],
  ]);
  expect(new Set(seen).size).toBe(11);
});

test("a row that never got a completion keeps its seed", async () => {
  const outputDir = temporaryFolder();
  const failed = await run(outputDir, "rx", { seed: 5 });
  const again = await run(outputDir, "rr", { seed: 5, retry: ["error"] });
  expect(again.seeds).toEqual([failed.seeds[1]]);
});

test("rows that refuse again do not stop a retry, failures do", async () => {
  const outputDir = temporaryFolder();
  await run(outputDir, `r${"f".repeat(30)}`);
  const refused = await run(outputDir, `r${"f".repeat(30)}`, { retry: ["refused"] });
  expect(refused.report).toMatchObject({ status: "complete", asked: 30 });
  const failing = await run(outputDir, `r${"x".repeat(30)}`, { retry: ["refused"] });
  expect(failing.report).toMatchObject({ status: "stopped", asked: 20 });
});

test("with nothing to ask again journal and result stay as they are", async () => {
  const outputDir = temporaryFolder();
  const { report } = await run(outputDir, "rw");
  const before = [readFileSync(report.journalPath), readFileSync(report.resultPath)];
  const again = await run(outputDir, "rr", { retry: ["empty", "error"] });
  expect(again.asked).toEqual([]);
  expect([readFileSync(report.journalPath), readFileSync(report.resultPath)]).toEqual(before);
});

test("a run that does not exist has nothing to retry", async () => {
  await expect(run(temporaryFolder(), "r", { retry: ["error"] })).rejects.toMatchObject({ code: "nothing_to_retry" });
});

test.each<[string, Partial<EvaluateOptions>, string]>([
  [
    "an outcome that there is not",
    { retry: ["eror" as Outcome] },
    '"eror" cannot be asked again; the outcomes that can',
  ],
  ["answered rows", { retry: ["answered"] }, "empty, truncated, truncated-thinking, refused, unparsed, error"],
  ["no outcome", { retry: [] }, "names no outcome"],
  ["retry with overwrite", { retry: ["error"], overwrite: true }, "overwrite"],
])("refuses %s", async (_, more, message) => {
  await expect(run(temporaryFolder(), "r", more)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(message),
  });
});
