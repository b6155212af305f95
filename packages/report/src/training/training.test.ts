import { expect, test } from "vitest";
import { qaRow, refinedRow, resultsFolder } from "../__fixtures__/results-folder.js";
import { createReport, REPORT_FORMATS } from "../create-report.js";
import { trainingSeries } from "./training-series.js";

const POLICY = "nq_policy_no_cues_with_thinking.json";

/** An evaluation in which the first questions are right. */
function evaluation(numRight: number, options: { readonly rows?: number; readonly samples?: number } = {}): object {
  const { rows = 10, samples = 1 } = options;
  const results = Array.from({ length: rows * samples }, (_, i) =>
    qaRow(`question ${Math.floor(i / samples)}`, Math.floor(i / samples) < numRight, { sample: i % samples }),
  );
  return { results };
}

const metricsJsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const RUN = {
  "run/metrics.jsonl": metricsJsonl([
    { step: 0, "env/all/reward/total": 0.25, "test/env/all/reward/total": 0.5, "time/total": 1 },
    { step: 1, "env/all/reward/total": null, kl_policy_base: -0.01 },
    { step: 2, "env/all/reward/total": 0.75, kl_policy_base: 0.02 },
  ]),
  "run/config.json": { seed: 0 },
  "run/train_iteration_000000.json": [],
  [`run/eval_nq/000000/${POLICY}`]: evaluation(0),
  [`run/eval_nq/000005/${POLICY}`]: evaluation(6),
  [`run/eval_nq/000010/${POLICY}`]: evaluation(10),
};

test("a training run is a curve with an interval at every step, and a paired change against the first", async () => {
  const { data } = await createReport({ folder: resultsFolder(RUN), format: "json" });
  expect(data.problems).toEqual([]);
  expect(data.training).toHaveLength(1);
  const [{ name, curves }] = data.training as [(typeof data.training)[number]];
  expect(name).toBe("run");
  expect(curves.map(({ dataset, metric }) => [dataset, metric])).toEqual([
    ["nq", "recall"],
    ["nq", "exactMatch"],
  ]);
  const { points } = curves[0]!;
  expect(points.map(({ step, rate }) => [step, rate.successes, rate.rows])).toEqual([
    [0, 0, 10],
    [5, 6, 10],
    [10, 10, 10],
  ]);
  // Wilson's interval of 0 of 10 ends at z²/(10 + z²).
  expect(points[0]!.rate.interval!.upper).toBeCloseTo(3.841459 / 13.841459, 6);
  expect(points[0]!.change).toBeNull();
  // Six gained and none lost: 2/2⁶, of two tests the larger; ten: 2/2¹⁰, twice as much by Holm.
  expect(points[1]!.change).toMatchObject({
    pairs: 10,
    onlyRun: 6,
    onlyBaseline: 0,
    difference: 0.6,
    verdict: "higher",
  });
  expect(points[1]!.change!.adjustedP).toBeCloseTo(2 ** -5, 12);
  expect(points[2]!.change!.p).toBeCloseTo(2 ** -9, 12);
  expect(points[2]!.change!.adjustedP).toBeCloseTo(2 ** -8, 12);
  // Nothing was an exact match before or after: nothing is tested.
  expect(curves[1]!.points[2]!.change).toMatchObject({ difference: 0, p: null, verdict: "untestable" });
});

test("the first and the last step stand among the runs, under the name of their training run, and are compared there only", async () => {
  const { data } = await createReport({ folder: resultsFolder(RUN), format: "json" });
  expect(data.runs.map(({ model, checkpoint, step, file }) => [model, checkpoint, step, file])).toEqual([
    ["run", "step 0", 0, `run/eval_nq/000000/${POLICY}`],
    ["run", "step 10", 10, `run/eval_nq/000010/${POLICY}`],
  ]);
  expect(data.differences).toEqual([]);
});

test("where questions repeat, points and changes take the question as the unit", async () => {
  const folder = resultsFolder({
    "metrics.jsonl": "",
    [`eval_nq/000000/${POLICY}`]: evaluation(0, { rows: 4, samples: 3 }),
    [`eval_nq/000002/${POLICY}`]: evaluation(3, { rows: 4, samples: 3 }),
  });
  const { data } = await createReport({ folder, format: "json" });
  expect(data.training[0]!.name).toMatch(/^pka-test-/);
  const { points } = data.training[0]!.curves[0]!;
  // None of four questions, and not of twelve rows.
  expect(points[0]!.rate.interval!.upper).toBeCloseTo(3.841459 / 7.841459, 6);
  // Three questions of one sign: 2 of 8. Row by row it would be 2/2⁹.
  expect(points[1]!.change).toMatchObject({ verdict: "no-difference" });
  expect(points[1]!.change!.clusteredP).toBeCloseTo(0.25, 12);
});

test("a step that cannot be read is named, and the curve goes on without it; refined answers make a curve of their own", async () => {
  const folder = resultsFolder({
    ...RUN,
    [`run/eval_nq/000000/${POLICY}`]: '{"results": [',
    [`run/eval_nq/000010/ex_${POLICY}`]: { results: [refinedRow("question 0", true)] },
  });
  for (const format of REPORT_FORMATS) {
    const { data, text } = await createReport({ folder, format });
    expect(data.problems).toMatchObject([{ file: `run/eval_nq/000000/${POLICY}`, severity: "error" }]);
    const [recall, , refined] = data.training[0]!.curves;
    expect(recall!.points.map(({ step, change }) => [step, change?.difference ?? null])).toEqual([
      [5, null],
      [10, 0.4],
    ]);
    expect(refined).toMatchObject({ metric: "refinedRecall", points: [{ step: 10, change: null }] });
    expect(text).not.toContain("NaN");
  }
});

test("metrics are shown by step in every format; a line that is no JSON costs the metrics only", async () => {
  const { data, text } = await createReport({ folder: resultsFolder(RUN), format: "csv" });
  expect(data.training[0]!.series).toEqual([
    {
      name: "env/all/reward/total",
      stepsPerPoint: 1,
      points: [
        [0, 0.25],
        [2, 0.75],
      ],
    },
    { name: "test/env/all/reward/total", stepsPerPoint: 1, points: [[0, 0.5]] },
    {
      name: "kl_policy_base",
      stepsPerPoint: 1,
      points: [
        [1, -0.01],
        [2, 0.02],
      ],
    },
  ]);
  const [head, ...lines] = text.split("\r\n").map((line) => line.split(","));
  const cell = (line: readonly string[], name: string) => line[head!.indexOf(name)];
  const change = lines.find((line) => line[0] === "difference: step" && cell(line, "step") === "5")!;
  expect([
    cell(change, "model"),
    cell(change, "value"),
    Number(cell(change, "p_holm")).toFixed(9),
    cell(change, "verdict"),
  ]).toEqual(["run", "0.6", "0.031250000", "higher"]);
  const kl = lines.filter((line) => line[0] === "training" && cell(line, "metric") === "kl_policy_base");
  expect(kl.map((line) => [cell(line, "step"), cell(line, "value")])).toEqual([
    ["1", "-0.01"],
    ["2", "0.02"],
  ]);
  const markdown = await createReport({ folder: resultsFolder(RUN), format: "md" });
  expect(markdown.text).toMatch(
    /## Training: run\n[^]*\| 5 \| 60\.0 \[.*\+60\.0 \[.*p = 0\.031 \| p = 0\.031 \| higher \|/,
  );
  const broken = await createReport({
    folder: resultsFolder({ ...RUN, "run/metrics.jsonl": "{}\n{\n" }),
    format: "json",
  });
  expect(broken.data.problems).toMatchObject([{ file: "run/metrics.jsonl", severity: "error" }]);
  expect(broken.data.problems[0]!.message).toMatch(/^line 2 is no JSON object/);
  expect(broken.data.training[0]).toMatchObject({ series: [], curves: [{}, {}] });
});

test("a run without evaluations, and one without anything yet, are no errors", async () => {
  const folder = resultsFolder({
    "a/metrics.jsonl": metricsJsonl([{ step: 0, train_mean_nll: 2 }]),
    "b/metrics.jsonl": "",
  });
  const { data, text } = await createReport({ folder });
  expect(data.training.map(({ name, series }) => [name, series.length])).toEqual([
    ["a", 1],
    ["b", 0],
  ]);
  expect(data.problems).toEqual([]);
  expect(text).toContain("No dataset was evaluated on the way");
  expect(text).not.toContain("No result file could be used");
});

test("result files elsewhere in the folder of a run stay what they are; a run that is not asked for is left out", async () => {
  const file = `run/by-hand/${POLICY}`;
  const { data } = await createReport({
    folder: resultsFolder({ ...RUN, [file]: evaluation(1) }),
    format: "json",
    include: (name) => name === file,
  });
  expect(data.runs.map((run) => [run.file, run.step])).toEqual([[file, null]]);
  expect(data.training).toEqual([]);
});

test("a long run is drawn by means of steps in a row", () => {
  const rows = Array.from({ length: 1000 }, (_, step) => ({ step, train_mean_nll: step % 5 }));
  const [series] = trainingSeries(rows);
  expect(series!.stepsPerPoint).toBe(5);
  expect(series!.points).toHaveLength(200);
  // 0 … 4 at steps 0 … 4.
  expect(series!.points[0]).toEqual([2, 2]);
  expect(series!.points.at(-1)).toEqual([997, 2]);
});
