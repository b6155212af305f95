import { bootstrapDifference, clusterMcnemar, clusterMeanDifference, holm, mcnemar, pairRows } from "@pka/stats";
import type { LoadedRun } from "./loaded-run.js";
import {
  type Bounds,
  type DifferenceKind,
  type DifferenceVerdict,
  REPORT_METRICS,
  type ReportDifference,
  type ReportMetric,
} from "./report-data.js";
import type { RunName } from "./run-name.js";

/** The checkpoint that others are compared with where there is no run of the base model. */
const START = "sft";
/** Below this adjusted p a difference is called one. */
const ALPHA = 0.05;

type Untested = Omit<ReportDifference, "adjustedP" | "verdict" | "dependsOnMissing">;

/**
 * Every two runs of one dataset that differ in one thing only (cues, thinking, or a checkpoint against its base or, where the base was
 * not asked, against the checkpoint `sft`), on every metric that both have.
 *
 * @param runs - In the order of `ReportData.runs`.
 */
export function pairedDifferences(runs: readonly LoadedRun[]): ReportDifference[] {
  const differences: Untested[] = [];
  for (const [kind, run, baseline] of contrasts(runs)) {
    for (const metric of REPORT_METRICS) {
      const difference = compare(kind, metric, [run, runs[run]!], [baseline, runs[baseline]!]);
      if (difference !== null) differences.push(difference);
    }
  }
  return REPORT_METRICS.flatMap((metric) => adjust(differences.filter((one) => one.metric === metric))).toSorted(
    (a, b) => order(a) - order(b),
  );

  function order({ kind, run, baseline, metric }: ReportDifference): number {
    const kinds: readonly DifferenceKind[] = ["thinking", "cues", "checkpoint"];
    return ((kinds.indexOf(kind) * runs.length + run) * runs.length + baseline) * 8 + REPORT_METRICS.indexOf(metric);
  }
}

function* contrasts(runs: readonly LoadedRun[]): Generator<[kind: DifferenceKind, run: number, baseline: number]> {
  const startOf = (name: RunName) =>
    runs.some(({ name: other }) => conditionKey({ ...name, checkpoint: null }) === conditionKey(other)) ? null : START;
  for (const [run, { name: a }] of runs.entries()) {
    for (const [baseline, { name: b }] of runs.entries()) {
      if (run === baseline || a.dataset !== b.dataset || a.model !== b.model) continue;
      const isSame = {
        cues: a.cues === b.cues,
        thinking: a.thinking === b.thinking,
        checkpoint: a.checkpoint === b.checkpoint,
      };
      if (isSame.thinking && isSame.checkpoint && a.cues === true && b.cues === false) yield ["cues", run, baseline];
      if (isSame.cues && isSame.checkpoint && a.thinking === true && b.thinking === false) {
        yield ["thinking", run, baseline];
      }
      if (
        isSame.cues &&
        isSame.thinking &&
        a.checkpoint !== null &&
        !isSame.checkpoint &&
        b.checkpoint === startOf(a)
      ) {
        yield ["checkpoint", run, baseline];
      }
    }
  }
}

function conditionKey({ dataset, model, checkpoint, cues, thinking }: RunName): string {
  return JSON.stringify([dataset, model, checkpoint, cues, thinking]);
}

/** `null` when no question has a verdict in both. */
function compare(
  kind: DifferenceKind,
  metric: ReportMetric,
  [runId, run]: readonly [number, LoadedRun],
  [baselineId, baseline]: readonly [number, LoadedRun],
): Untested | null {
  const withVerdict = ({ rows }: LoadedRun) => rows.filter(({ verdicts }) => verdicts[metric] !== undefined);
  const [first, second] = [withVerdict(run), withVerdict(baseline)];
  const { pairs, unmatched } = pairRows(first, second, { key: ({ key }) => key });
  if (pairs.length === 0) return null;

  const differences = pairs.map((pair) => Number(pair.first.verdicts[metric]) - Number(pair.second.verdicts[metric]));
  const onlyRun = differences.filter((difference) => difference > 0).length;
  const onlyBaseline = differences.filter((difference) => difference < 0).length;
  const test = mcnemar({ firstOnly: onlyRun, secondOnly: onlyBaseline });
  const questions = pairs.map((pair) => pair.first.question);
  const numQuestions = new Set(questions).size;
  const isClustered = numQuestions < questions.length;
  return {
    kind,
    dataset: run.name.dataset,
    metric,
    run: runId,
    baseline: baselineId,
    pairs: pairs.length,
    unpaired: unmatched.first.length + unmatched.second.length,
    onlyRun,
    onlyBaseline,
    difference: (onlyRun - onlyBaseline) / pairs.length,
    interval: isClustered && numQuestions === 1 ? null : intervalOf(differences, isClustered ? questions : null),
    test: test.method === "exact" || test.method === "chi-squared" ? test.method : "none",
    p: test.pValue,
    clusteredP: isClustered ? clusterMcnemar(differences, questions).pValue : null,
    bounds: missingBounds(metric, run, baseline),
  };
}

function intervalOf(differences: readonly number[], questions: readonly string[] | null): Bounds {
  const { lower, upper } =
    questions === null
      ? bootstrapDifference(differences, { resampling: "exact" })
      : clusterMeanDifference(differences, questions);
  return { lower, upper };
}

/**
 * Rows of a run without a verdict could all have been right or all wrong: where the difference of the two rates over all rows then
 * lies at most. `null` when both runs are complete.
 */
function missingBounds(metric: ReportMetric, run: LoadedRun, baseline: LoadedRun): Bounds | null {
  const [a, b] = [rateBounds(metric, run), rateBounds(metric, baseline)];
  if (a.lower === a.upper && b.lower === b.upper) return null;
  return { lower: a.lower - b.upper, upper: a.upper - b.lower };
}

function rateBounds(metric: ReportMetric, { rows, numErrors, total }: LoadedRun): Bounds {
  const all = Math.max(total, rows.length + numErrors);
  const successes = rows.filter(({ verdicts }) => verdicts[metric] === true).length;
  const missing = all - rows.filter(({ verdicts }) => verdicts[metric] !== undefined).length;
  return { lower: successes / all, upper: (successes + missing) / all };
}

/** One family of tests: the comparisons of a report on one metric. */
function adjust(family: readonly Untested[]): ReportDifference[] {
  const pOf = ({ clusteredP, p }: Untested) => clusteredP ?? p;
  const tested = family.filter((one) => pOf(one) !== null);
  const adjusted = holm(tested.map((one) => pOf(one)!));
  return family.map((one) => {
    const adjustedP = adjusted[tested.indexOf(one)] ?? null;
    const { bounds, difference } = one;
    const sign = Math.sign(difference);
    return {
      ...one,
      adjustedP,
      verdict: verdictOf(difference, adjustedP),
      dependsOnMissing: bounds !== null && (sign >= 0 ? bounds.lower < 0 : bounds.upper > 0),
    };
  });
}

function verdictOf(difference: number, adjustedP: number | null): DifferenceVerdict {
  if (adjustedP === null) return "untestable";
  if (adjustedP >= ALPHA) return "no-difference";
  return difference > 0 ? "higher" : "lower";
}
