import { bootstrapDifference, clusterComparison, holm, mcnemar, pairRows } from "@pka/stats";
import type { LoadedRun } from "./loaded-run.js";
import type { Bounds, DifferenceVerdict, PairedDifference, ReportMetric } from "./report-data.js";

/** Below this adjusted p a difference is called one. */
const ALPHA = 0.05;

/** A difference before the others of its family are known. */
export type UntestedDifference = Omit<PairedDifference, "adjustedP" | "verdict" | "dependsOnMissing">;

/** One metric of two runs on the questions that both answered; `null` when no question has a verdict in both. */
export function pairedDifference(metric: ReportMetric, run: LoadedRun, baseline: LoadedRun): UntestedDifference | null {
  const withVerdict = ({ rows }: LoadedRun) => rows.filter(({ verdicts }) => verdicts[metric] !== undefined);
  const { pairs, unmatched } = pairRows(withVerdict(run), withVerdict(baseline), { key: ({ key }) => key });
  if (pairs.length === 0) return null;

  const differences = pairs.map((pair) => Number(pair.first.verdicts[metric]) - Number(pair.second.verdicts[metric]));
  const onlyRun = differences.filter((difference) => difference > 0).length;
  const onlyBaseline = differences.filter((difference) => difference < 0).length;
  const test = mcnemar({ firstOnly: onlyRun, secondOnly: onlyBaseline });
  const clustered = clusterComparison(
    differences,
    pairs.map((pair) => pair.first.question),
  );
  return {
    pairs: pairs.length,
    unpaired: unmatched.first.length + unmatched.second.length,
    onlyRun,
    onlyBaseline,
    difference: (onlyRun - onlyBaseline) / pairs.length,
    interval: boundsOf(clustered ? clustered.interval : bootstrapDifference(differences, { resampling: "exact" })),
    test: test.method === "exact" || test.method === "chi-squared" ? test.method : "none",
    p: test.pValue,
    clusteredP: clustered ? clustered.pValue : null,
    bounds: missingBounds(metric, run, baseline),
  };
}

function boundsOf(interval: Bounds | null): Bounds | null {
  return interval === null ? null : { lower: interval.lower, upper: interval.upper };
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

/** Holm over one family of tests, and what each then says. */
export function adjustFamily<T extends UntestedDifference>(family: readonly T[]): (T & PairedDifference)[] {
  const pOf = ({ clusteredP, p }: UntestedDifference) => clusteredP ?? p;
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
