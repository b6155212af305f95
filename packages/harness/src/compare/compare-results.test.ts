import { HAS_SHARED, readShared, SHARED, SKIPPED } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { recallsOf, resultsOf } from "../__fixtures__/results.js";
import { PAPER_EX_TRACES, PAPER_TRACES } from "../__fixtures__/paper-traces.js";
import { readResultRows, type ResultRows } from "../result/read-result-rows.js";
import { compareAgainstFirst, compareResults } from "./compare-results.js";
import { NotComparableError } from "./errors.js";

test("a table, McNemar's test, mid-p and a bootstrap interval", () => {
  // b = 3, c = 10: exact p = 0.0923 (binomial test of 3 in 13), the bootstrap's mean is (3 - 10) / 20.
  const first = recallsOf("a", "+++----------+++++--");
  const second = recallsOf("b", "---+++++++++++++++--");
  const { metrics, pairing } = compareResults(first, second);
  expect(pairing).toMatchObject({ by: "occurrence", numPairs: 20, numQuestions: 20, mismatched: 0 });
  expect(metrics).toHaveLength(1);
  const [recall] = metrics;
  expect(recall).toMatchObject({
    metric: "recall",
    table: { both: 5, firstOnly: 3, secondOnly: 10, neither: 2 },
    rates: { first: 0.4, second: 0.75 },
    mcnemar: { method: "exact" },
    isSignificant: false,
  });
  expect(recall?.difference).toBeCloseTo(-0.35, 15);
  expect(recall?.mcnemar.pValue).toBeCloseTo(0.09228515625, 12);
  expect(recall?.midP.pValue).toBeCloseTo(0.05737304688, 10);
  expect(recall?.clustered).toBeUndefined();
  expect(recall!.bootstrap.lower).toBeLessThan(-0.35);
  expect(recall!.bootstrap.upper).toBeGreaterThan(-0.35);
});

test("the same seed gives the same interval, another one another", () => {
  const files = [recallsOf("a", "+-+-+-++-+".repeat(9)), recallsOf("b", "++--+-+--+".repeat(9))] as const;
  const bounds = (seed: number) => compareResults(...files, { seed, resamples: 200 }).metrics[0]?.bootstrap;
  expect(bounds(1)).toEqual(bounds(1));
  expect(bounds(1)?.lower === bounds(2)?.lower && bounds(1)?.upper === bounds(2)?.upper).toBe(false);
});

test("rows without a verdict are left out and counted, never wrong", () => {
  const { metrics } = compareResults(recallsOf("a", "+++?--"), recallsOf("b", "+-?+--"));
  expect(metrics[0]).toMatchObject({
    numPairs: 4,
    numWithoutVerdict: 2,
    table: { both: 1, firstOnly: 1, secondOnly: 0, neither: 2 },
  });
});

test("rows without an answer count as the paper counts them, or are dropped", () => {
  const second = recallsOf("b", "+-+-");
  const first: ResultRows = {
    ...second,
    path: "a",
    rows: second.rows.map((row) => ({ ...row, isAnswered: row.index !== 1 })),
  };
  const counted = compareResults(first, second);
  expect(counted.metrics[0]).toMatchObject({ numPairs: 4, numDropped: 0, unanswered: { first: 1, second: 0 } });
  expect(counted.first.numUnanswered).toBe(1);
  const dropped = compareResults(first, second, { unanswered: "drop" });
  expect(dropped.metrics[0]).toMatchObject({ numPairs: 3, numDropped: 1, unanswered: { first: 0, second: 0 } });
});

test("repeated questions are reported and tested as clusters beside the rows", () => {
  // 30 questions, each four times, always the same verdict: only 30 independent facts, of which A has 10 alone and B 3.
  const verdicts = (letters: string) =>
    Array.from(letters).flatMap((letter) => Array.from({ length: 4 }, () => letter));
  const file = (path: string, letters: string) =>
    resultsOf(
      path,
      verdicts(letters).map((letter, row) => ({
        question: `q${Math.floor(row / 4)}`,
        metrics: { recall: letter === "+" },
      })),
    );
  const { metrics, pairing } = compareResults(
    file("a", `${"+".repeat(10)}---${"+".repeat(17)}`),
    file("b", `${"-".repeat(10)}+++${"+".repeat(17)}`),
  );
  expect(pairing).toMatchObject({ numPairs: 120, numQuestions: 30, repeated: { first: 90, second: 90 } });
  const [recall] = metrics;
  expect(recall?.mcnemar).toMatchObject({ method: "chi-squared" });
  expect(recall?.mcnemar.pValue).toBeLessThan(0.001);
  // The exact test over 13 questions of equal size is McNemar's for 10 and 3.
  expect(recall?.clustered).toMatchObject({ method: "permutation", numQuestions: 30 });
  expect(recall?.clustered?.pValue).toBeCloseTo(0.09228515625, 10);
  expect(recall?.isSignificant).toBe(false);
});

test("samples pair with samples, and are one cluster per question", () => {
  const file = (path: string, flip: boolean) =>
    resultsOf(
      path,
      Array.from({ length: 20 }, (_, row) => ({
        question: `q${Math.floor(row / 2)}`,
        sample: row % 2,
        metrics: { recall: (row % 2 === 0) !== flip },
      })),
    );
  const { metrics, pairing } = compareResults(file("a", false), file("b", true));
  expect(pairing).toMatchObject({ numPairs: 20, numQuestions: 10, repeated: { first: 0, second: 0 } });
  expect(metrics[0]?.table).toEqual({ both: 0, firstOnly: 10, secondOnly: 10, neither: 0 });
  expect(metrics[0]?.clustered).toMatchObject({ pValue: null, numQuestions: 10 });
});

test("several files: each against the first, with Holm's adjustment", () => {
  const base = recallsOf("a", `${"-".repeat(12)}+`);
  const better = recallsOf("b", `${"+".repeat(9)}---+`); // 9 to 0: p = 2 / 2^9
  const same = recallsOf("c", `${"-".repeat(12)}+`); // nothing tested, counted as p = 1
  const best = recallsOf("d", "+".repeat(13)); // 12 to 0: p = 2 / 2^12
  const { comparisons, adjusted } = compareAgainstFirst([base, better, same, best]);
  expect(comparisons.map(({ second }) => second.path)).toEqual(["b", "c", "d"]);
  expect(adjusted?.recall?.map((p) => p?.toFixed(9))).toEqual([
    (4 / 2 ** 9).toFixed(9),
    "1.000000000",
    (6 / 2 ** 12).toFixed(9),
  ]);
  expect(compareAgainstFirst([base, better]).adjusted).toBeUndefined();
});

const qa = { recall: true, exactMatch: true };
test.each([
  {
    name: "different datasets",
    files: [recallsOf("a.json", "+-+-"), resultsOf("b.json", [{ question: "x", metrics: { recall: true } }])],
    message: /a\.json and b\.json cannot be compared: only 0 of 1 rows .*different datasets/,
  },
  { name: "no rows", files: [recallsOf("a.json", "+"), recallsOf("b.json", "")], message: /b\.json has no rows/ },
  {
    name: "a row without a question",
    files: [recallsOf("a.json", "+"), resultsOf("b.json", [{ question: null, metrics: { recall: true } }])],
    message: /row 0 of b\.json has no question.*by index/,
  },
  {
    name: "a metric in one file only",
    files: [resultsOf("a.json", [{ question: "q", metrics: qa }]), recallsOf("b.json", "+")].map((file) => ({
      ...file,
      rows: file.rows.map((row) => ({ ...row, question: "q" })),
    })),
    message: /exactMatch is missing in b\.json/,
  },
  {
    name: "no metric in common",
    files: [recallsOf("a.json", "+"), resultsOf("b.json", [{ question: "q0", metrics: { correct: true } }])],
    message: /no verdict in common: a\.json has recall, b\.json has correct/,
  },
  {
    name: "no metric at all",
    files: [recallsOf("a.json", "?"), recallsOf("b.json", "?")],
    message: /a\.json has none/,
  },
  {
    name: "no pair with both verdicts",
    files: [recallsOf("a.json", "+?"), recallsOf("b.json", "?+")],
    message: /no pair of rows has recall on both sides/,
  },
])("refused: $name", ({ files, message }) => {
  const [first, second] = files as [ResultRows, ResultRows];
  expect(() => compareResults(first, second)).toThrow(NotComparableError);
  expect(() => compareResults(first, second)).toThrow(message);
});

test("by index, rows without questions pair, and files in another order are refused", () => {
  const nameless = (path: string) =>
    resultsOf(path, [
      { question: null, metrics: { recall: true } },
      { question: null, metrics: { recall: false } },
    ]);
  expect(compareResults(nameless("a"), nameless("b"), { pairing: "index" }).metrics[0]?.numPairs).toBe(2);
  const ordered = recallsOf("a", "+-+-+");
  const shifted = resultsOf(
    "b",
    [...ordered.rows.slice(1), ordered.rows[0]!].map(({ question, metrics }) => ({ question, metrics })),
  );
  expect(() => compareResults(ordered, shifted, { pairing: "index" })).toThrow(/at the same index/);
  expect(compareResults(ordered, shifted).metrics[0]?.table).toMatchObject({ firstOnly: 0, secondOnly: 0 });
});

test.each([{ alpha: 0 }, { alpha: 1.5 }, { confidence: 95 }, { resamples: 0 }])("%j is out of range", (options) => {
  const files = [recallsOf("a", "+-"), recallsOf("b", "-+")] as const;
  expect(() => compareResults(...files, options)).toThrow(expect.objectContaining({ code: "usage" }));
});

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  const path = (file: string) => `paper-traces/${file}.gz`;
  const available = new Set([...PAPER_TRACES, ...PAPER_EX_TRACES]);
  const pairSchema = z.object({
    file1: z.string(),
    file2: z.string(),
    kind: z.string(),
    pairing: z.enum(["question", "index"]),
    metric: z.enum(["recall", "exact_match"]),
    a: z.number(),
    b: z.number(),
    c: z.number(),
    d: z.number(),
    method: z.string(),
    statistic: z.number().nullable(),
    chi2_sf: z.number(),
    exact_p: z.number(),
    midp: z.number(),
    p_value: z.number(),
  });
  const pairs = HAS_SHARED
    ? z
        .object({ real_pairs: z.array(pairSchema) })
        .parse(JSON.parse(readShared("vectors/mcnemar.json").toString()))
        .real_pairs.filter(({ file1, file2 }) => available.has(path(file1)) && available.has(path(file2)))
    : [];
  const read = (file: string) => readResultRows(`${SHARED}/${path(file)}`, { columns: [] });

  test("all pairs that the traces allow are there", () => {
    expect(pairs).toHaveLength(32);
  });

  test.each(pairs)("$file1 against $file2, $pairing, $metric", async (expected) => {
    const { metric, pairing, kind, a, b, c, d } = expected;
    const first = await read(expected.file1);
    const second = await read(expected.file2);
    const { metrics, notCompared } = compareResults(first, second, {
      pairing: pairing === "index" ? "index" : "legacy",
    });
    const ours = metrics.find((one) => one.metric === (metric === "recall" ? "recall" : "exactMatch"));
    if (kind === "mixed" && metric === "exact_match") {
      // The script takes the verdict that an ex_ file lacks for wrong; we do not.
      expect([ours, notCompared]).toEqual([undefined, ["exactMatch"]]);
      return;
    }
    expect(ours?.table).toEqual({ both: a, firstOnly: b, secondOnly: c, neither: d });
    const { method, statistic, pValue } = ours!.mcnemar;
    expect(`${method} ${expected.method}`).toMatch(/^(exact exact|chi-squared chi-squared) /);
    const accurate = method === "exact" ? expected.exact_p : expected.chi2_sf;
    expect(Math.abs(pValue! - accurate)).toBeLessThanOrEqual(1e-10 * accurate);
    expect(Math.abs(pValue! - expected.p_value)).toBeLessThanOrEqual(1e-13);
    expect(Math.abs(ours!.midP.pValue! - expected.midp)).toBeLessThanOrEqual(1e-10 * expected.midp);
    if (statistic !== null) expect(Math.abs(statistic - expected.statistic!)).toBeLessThanOrEqual(1e-14 * statistic);
    // No question repeats in these files, so pairing by occurrence is the same.
    expect(compareResults(first, second).metrics.find((one) => one.metric === ours!.metric)?.table).toEqual(
      ours!.table,
    );
  });
});
