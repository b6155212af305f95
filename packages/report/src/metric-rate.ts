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
  const { completed, successesOfCompleted, rateOfCompleted } = completedRate(rows, metric);
  return {
    successes,
    rows: judged.length,
    rate: successes / judged.length,
    interval: intervalOf(
      verdicts,
      judged.map(({ question }) => question),
    ),
    rateOfAll: successes / total,
    completed,
    rateOfCompleted,
    bounds: { lower: successesOfCompleted / total, upper: (successesOfCompleted + total - completed) / total },
  };
}

/** One metric over the rows that came to an answer. A refined answer that can be judged is one, and where nothing was there to refine it is a miss. */
export function completedRate(
  rows: readonly LoadedRow[],
  metric: ReportMetric,
): { readonly completed: number; readonly successesOfCompleted: number; readonly rateOfCompleted: number | null } {
  let completed = 0;
  let successesOfCompleted = 0;
  for (const { verdicts, outcome } of rows) {
    const verdict = verdicts[metric];
    if (verdict === undefined || (outcome !== "answered" && metric !== "refinedRecall")) continue;
    completed += 1;
    successesOfCompleted += verdict ? 1 : 0;
  }
  return {
    completed,
    successesOfCompleted,
    rateOfCompleted: completed === 0 ? null : successesOfCompleted / completed,
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
