import { expect, test } from "vitest";
import { buildReportData } from "./build-report-data.js";
import type { LoadedRow, LoadedRun } from "./loaded-run.js";
import type { RunName } from "./run-name.js";

/** One row per character: `+` right, `-` wrong; the k-th row asks question k unless `questions` says otherwise. */
function run(
  name: Partial<RunName>,
  verdicts: string,
  more: Partial<LoadedRun> & { questions?: string } = {},
): LoadedRun {
  const { questions, ...rest } = more;
  const rows = verdicts.split("").map((verdict, i): LoadedRow => {
    const question = questions === undefined ? `q${i}` : questions[i]!;
    return {
      key: question,
      question,
      outcome: "answered",
      verdicts: { recall: verdict === "+" },
      numTokens: 10,
      thinkingLength: null,
    };
  });
  return {
    file: "f.json",
    name: { dataset: "nq", model: "m", checkpoint: null, cues: false, thinking: true, ...name },
    task: "qa",
    refinedFile: null,
    journalFile: null,
    samples: 1,
    step: null,
    total: rows.length,
    numErrors: 0,
    rows,
    ...rest,
  };
}

const build = (...runs: LoadedRun[]) => buildReportData({ title: "t", runs, problems: [] });

test("errors and rows not asked are outside the rate and inside the bounds", () => {
  const [summary] = build(run({}, "+++-", { numErrors: 2, total: 10 })).runs;
  expect(summary).toMatchObject({ rows: 4, errors: 2, notAsked: 4, total: 10 });
  expect(summary!.metrics.recall).toMatchObject({ successes: 3, rows: 4, rate: 0.75, rateOfAll: 0.3 });
  expect(summary!.metrics.recall!.bounds).toEqual({ lower: 0.3, upper: 0.9 });
  expect(summary!.outcomes).toMatchObject({ answered: 4, error: 2, "not-asked": 4 });
});

test("where questions repeat, the interval takes the question as the unit", () => {
  // Four questions, twice each, always the same verdict: as wide as Wilson's of 3 rows, (1/2 ± 0.374666) by hand.
  const [twice, one] = build(
    run({}, "++--++--", { questions: "abcdabcd", samples: 2 }),
    run({ model: "n" }, "+-", { questions: "aa" }),
  ).runs;
  expect(twice!.metrics.recall!.interval!.lower).toBeCloseTo(0.125334, 5);
  expect(twice!.metrics.recall!.interval!.upper).toBeCloseTo(0.874666, 5);
  expect(one!.metrics.recall!.interval).toBeNull();
});

test("runs that differ in one thing are compared, the others are not", () => {
  const { differences } = build(
    run({ thinking: false }, "+-"),
    run({}, "+-"),
    run({ cues: true }, "+-"),
    run({ checkpoint: "rl" }, "+-"),
    run({ model: "other" }, "+-"),
    run({ dataset: "simpleqa" }, "+-"),
  );
  expect(differences.map(({ kind, run: id, baseline }) => [kind, id, baseline])).toEqual([
    ["thinking", 1, 0],
    ["cues", 2, 1],
    ["checkpoint", 3, 1],
  ]);
});

test("without a run of the base model, checkpoints are compared with the one named sft", () => {
  const sft = run({ checkpoint: "sft" }, "+-");
  const rl = run({ checkpoint: "rl" }, "+-");
  const pairsOf = (...runs: Parameters<typeof build>) =>
    build(...runs).differences.map(({ kind, run: id, baseline }) => [kind, id, baseline]);
  expect(pairsOf(sft, rl)).toEqual([["checkpoint", 1, 0]]);
  expect(pairsOf(run({}, "+-"), sft, rl)).toEqual([
    ["checkpoint", 1, 0],
    ["checkpoint", 2, 0],
  ]);
  expect(pairsOf(run({ checkpoint: "a" }, "+-"), rl)).toEqual([]);
});

test("ten against none of twelve discordant pairs: exact McNemar, p = 2 · 2^-10", () => {
  const { differences } = build(run({ thinking: false }, "----------++"), run({}, "++++++++++++"));
  expect(differences).toHaveLength(1);
  expect(differences[0]).toMatchObject({
    pairs: 12,
    onlyRun: 10,
    onlyBaseline: 0,
    test: "exact",
    p: 2 ** -9,
    adjustedP: 2 ** -9,
    clusteredP: null,
    verdict: "higher",
    bounds: null,
    dependsOnMissing: false,
  });
  expect(differences[0]!.difference).toBeCloseTo(10 / 12, 12);
});

test("Holm over the comparisons of a metric: two tests of p = 0.03125 are no difference", () => {
  const base = run({}, "------");
  const { differences } = build(base, run({ cues: true }, "++++++"), run({ checkpoint: "rl" }, "++++++"));
  expect(differences).toHaveLength(2);
  for (const { p, adjustedP, verdict } of differences) {
    expect(p).toBeCloseTo(0.03125, 12);
    expect(adjustedP).toBeCloseTo(0.0625, 12);
    expect(verdict).toBe("no-difference");
  }
});

test("rows pair by question, whatever their order, and missing ones widen the bounds", () => {
  const thinking = run({}, "++-", { questions: "abc", total: 4, numErrors: 1 });
  const without = run({ thinking: false }, "--+-", { questions: "dcba" });
  const [difference] = build(thinking, without).differences;
  expect(difference).toMatchObject({ pairs: 3, unpaired: 1, onlyRun: 1, onlyBaseline: 0, dependsOnMissing: false });
  expect(difference!.bounds).toEqual({ lower: 0.25, upper: 0.5 });
});

test("a sign that missing rows could turn is said to depend on them", () => {
  const [difference] = build(run({}, "++", { total: 4, numErrors: 2 }), run({ thinking: false }, "+-++")).differences;
  expect(difference!.difference).toBe(0.5);
  expect(difference!.bounds).toEqual({ lower: -0.25, upper: 0.25 });
  expect(difference!.dependsOnMissing).toBe(true);
});

test("where questions repeat, the verdict takes the question as the unit", () => {
  const questions = "aaaaaaaabbbbbbbb";
  const [difference] = build(
    run({}, "+".repeat(16), { questions }),
    run({ thinking: false }, "-".repeat(16), { questions }),
  ).differences;
  expect(difference!.p).toBeCloseTo(2 ** -15, 15);
  // Two questions: of the four ways to give them signs, two are as far from balance.
  expect(difference!.clusteredP).toBeCloseTo(0.5, 12);
  expect(difference!.verdict).toBe("no-difference");
});

test("of pairs of one question nothing can be said", () => {
  const questions = "aa";
  const [difference] = build(run({}, "++", { questions }), run({ thinking: false }, "--", { questions })).differences;
  expect(difference).toMatchObject({ difference: 1, interval: null, verdict: "no-difference" });
});

test("no discordant pair leaves nothing to test", () => {
  expect(build(run({}, "+-"), run({ thinking: false }, "+-")).differences[0]).toMatchObject({
    test: "none",
    p: null,
    adjustedP: null,
    verdict: "untestable",
  });
});

test("right minus wrong thinking: 10 characters each against 30 has no spread", () => {
  const rows = ["+", "+", "-", "-"].map((verdict, i): LoadedRow => {
    const isRight = verdict === "+";
    const question = `q${i}`;
    return {
      key: question,
      question,
      outcome: "answered",
      verdicts: { recall: isRight },
      numTokens: null,
      thinkingLength: isRight ? 10 : 30,
    };
  });
  const [summary] = build({ ...run({}, ""), rows, total: 4 }).runs;
  expect(summary!.thinkingContrast).toEqual({ difference: -20, lower: -20, upper: -20 });
  expect(summary!.tokens).toBeNull();
});
