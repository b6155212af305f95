import { clusterWilsonInterval, wilsonInterval } from "@pka/stats";
import type { LoadedRow } from "./loaded-run.js";
import type { Bounds, MetricRate, ReportMetric } from "./report-data.js";

/**
 * One metric over the rows of a run; `undefined` where no row has a verdict.
 *
 * @param total - Rows that should be there.
 */
export function metricRate(rows: readonly LoadedRow[], metric: ReportMetric, total: number): MetricRate | undefined {
  const judged = rows.filter(({ verdicts }) => verdicts[metric] !== undefined);
  if (judged.length === 0) return undefined;
  const verdicts = judged.map((row) => row.verdicts[metric]!);
  const successes = verdicts.filter(Boolean).length;
  return {
    successes,
    rows: judged.length,
    rate: successes / judged.length,
    interval: intervalOf(
      verdicts,
      judged.map(({ question }) => question),
    ),
    rateOfAll: successes / total,
    bounds: { lower: successes / total, upper: (successes + total - judged.length) / total },
  };
}

/** With the question as the unit where questions repeat. */
function intervalOf(verdicts: readonly boolean[], questions: readonly string[]): Bounds | null {
  const numQuestions = new Set(questions).size;
  if (numQuestions === questions.length) return wilsonInterval(verdicts.filter(Boolean).length, verdicts.length);
  if (numQuestions === 1) return null;
  const { lower, upper } = clusterWilsonInterval(verdicts, questions);
  return { lower, upper };
}
