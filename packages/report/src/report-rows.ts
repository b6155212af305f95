import { count, percent } from "./format-figures.js";
import type { ReportData, ReportDifference, ReportMetric, ReportRun, RetryRate, RowOutcome } from "./report-data.js";
import { conditionTitle, METRIC_TITLES, modelTitle, OUTCOME_TITLES, runTitle } from "./titles.js";

/** The metrics that at least one run has, in the order of the table. */
export function metricsOf(runs: readonly ReportRun[]): ReportMetric[] {
  return (Object.keys(METRIC_TITLES) as ReportMetric[]).filter((metric) =>
    runs.some((run) => run.metrics[metric] !== undefined),
  );
}

/** The outcomes that at least one run has, in the order in which they are reported. */
export function outcomesIn(runs: readonly ReportRun[]): RowOutcome[] {
  return (Object.keys(OUTCOME_TITLES) as RowOutcome[]).filter((outcome) =>
    runs.some((run) => run.outcomes[outcome] > 0),
  );
}

/** Runs by dataset, in their order. */
export function byDataset(runs: readonly ReportRun[]): [dataset: string, runs: ReportRun[]][] {
  const groups = new Map<string, ReportRun[]>();
  for (const run of runs) {
    const group = groups.get(run.dataset);
    if (group) group.push(run);
    else groups.set(run.dataset, [run]);
  }
  return [...groups];
}

/** Whether rows that were asked again are right as often as the others, in words; `null` where none was. */
export function retryNote({ retries, verdictMetric }: ReportRun): string | null {
  if (retries === null || verdictMetric === null) return null;
  const { rows, retried, once } = retries;
  const words = ({ rate, successes, completed }: RetryRate) =>
    rate === null ? "none" : `${percent(rate)} % (${count(successes)} of ${count(completed)})`;
  return (
    `${count(rows)} rows were asked more than once. ${METRIC_TITLES[verdictMetric]} of answered rows: ` +
    `${words(retried)} asked again, ${words(once)} asked once. ` +
    "Rows asked again were chosen by what came out of them, so the rate of all is no rate of single draws."
  );
}

/** What a difference compares, in words: `gpt-oss-20b: thinking against no thinking (no cues)`. */
export function contrastTitle({ kind, run, baseline }: ReportDifference, { runs }: ReportData): string {
  const a = runs[run]!;
  if (kind === "checkpoint") {
    const condition = conditionTitle(a);
    return `${modelTitle(a.model)}: ${a.checkpoint} against ${runs[baseline]!.checkpoint ?? "base"}${condition === "" ? "" : ` (${condition})`}`;
  }
  const model = a.checkpoint === null ? modelTitle(a.model) : `${modelTitle(a.model)} ${a.checkpoint}`;
  const rest =
    kind === "cues"
      ? conditionTitle({ cues: null, thinking: a.thinking })
      : conditionTitle({ cues: a.cues, thinking: null });
  return `${model}: ${kind} against no ${kind}${rest === "" ? "" : ` (${rest})`}`;
}

/** What both runs of a difference have in common, in words; of a checkpoint its own name. */
export function contrastSubject({ kind, run }: ReportDifference, { runs }: ReportData): string {
  return runTitle(kind === "checkpoint" ? runs[run]! : { ...runs[run]!, [kind]: null });
}

/** The verdict in one or two words. */
export function verdictTitle({
  verdict,
  dependsOnMissing,
}: Pick<ReportDifference, "verdict" | "dependsOnMissing">): string {
  const words = {
    higher: "higher",
    lower: "lower",
    "no-difference": "no significant difference",
    untestable: "nothing to test",
  }[verdict];
  return dependsOnMissing && (verdict === "higher" || verdict === "lower")
    ? `${words}, unless missing rows decide otherwise`
    : words;
}
