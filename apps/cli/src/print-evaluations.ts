import { OUTCOMES } from "@pka/core";
import type { EvaluationReport, EvaluationSummary, MetricName, RowGroup, VerificationSummary } from "@pka/harness";
import { describeSpend } from "./describe-spend.js";
import { percent, percentInterval, table } from "./format.js";
import { type Spending, spendingFields } from "./spending.js";
import { printable } from "./stderr.js";

/** One evaluation: what was asked and what came of it. */
export interface Evaluation {
  readonly model: string;
  readonly dataset: string;
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly report: EvaluationReport;
}

const METRIC_TITLES: Readonly<Record<MetricName, string>> = {
  exactMatch: "exact match",
  recall: "recall",
  accuracy: "accuracy",
};

const HEAD = ["dataset", "cues", "thinking", "rows", "metric", "rate", "of answered", "95 % interval", "bounds"];

/** Results to stdout: a table for people, or one JSON document of a stable schema. */
export function printEvaluations(
  command: "eval",
  evaluations: readonly Evaluation[],
  spending: Spending,
  asJson: boolean,
): void {
  if (asJson) {
    console.log(JSON.stringify({ schema: 1, command, evaluations, ...spendingFields(spending) }, null, 2));
    return;
  }
  const isVerified = evaluations.some(({ report }) => report.summary.verification !== undefined);
  const head = [...HEAD, ...(isVerified ? ["by meaning"] : []), "tokens"];
  const rows = evaluations.flatMap((evaluation) => rowsOf(evaluation, isVerified));
  console.log(table(head, rows));
  for (const { dataset, thinking, report } of evaluations) {
    const label = evaluations.length > 1 ? `${dataset}, thinking ${yesNo(thinking)}: ` : "";
    for (const note of notesOf(report.summary)) console.log(`${label}${note}`);
    const spent = describeSpend(report.spend);
    if (spent !== undefined) console.log(`${label}${spent}`);
    console.log(`${label}${printable(report.resultPath)}`);
  }
}

/** One line per metric; what was asked stands in the first only. */
function rowsOf({ dataset, cues, thinking, report: { summary } }: Evaluation, isVerified: boolean): string[][] {
  const { total, verification, avgTokens } = summary;
  const byMeaning = verification === undefined ? "" : percent(verification.equivalent / total);
  return Object.entries(summary.metrics).map(([name, { rateOfAll, rateOfCompleted, interval, bounds }], i) => [
    ...(i === 0 ? [dataset, yesNo(cues), yesNo(thinking), String(total)] : ["", "", "", ""]),
    METRIC_TITLES[name as MetricName],
    percent(rateOfAll),
    rateOfCompleted === null ? "–" : percent(rateOfCompleted),
    interval === null ? "–" : percentInterval(interval),
    percentInterval(bounds),
    ...(isVerified ? [byMeaning] : []),
    i === 0 && avgTokens !== null ? avgTokens.toFixed(1) : "",
  ]);
}

function* notesOf(summary: EvaluationSummary): Generator<string> {
  const { total, finished, outcomes, verification, retries } = summary;
  const missing = OUTCOMES.filter((outcome) => outcome !== "answered" && outcomes[outcome] > 0);
  const counts = missing.map((outcome) => `${outcomes[outcome]} ${outcome}`);
  if (finished < total) counts.push(`${total - finished} not asked`);
  if (counts.length > 0) {
    yield `of ${total} rows: ${counts.join(", ")}; "rate" counts them as the paper does, "bounds" all as wrong and all as right`;
  }
  if (verification !== undefined) yield* disagreements(verification);
  if (retries === undefined) return;
  const { firstOutcomes, retried, notRetried } = retries;
  const first = OUTCOMES.filter((outcome) => firstOutcomes[outcome] > 0);
  yield `${retried.total} rows were asked again (at first: ${first.map((outcome) => `${firstOutcomes[outcome]} ${outcome}`).join(", ")})`;
  for (const [name, title] of Object.entries(METRIC_TITLES)) {
    const metric = name as MetricName;
    if (retried.metrics[metric] === undefined) continue;
    yield `  ${title} of answered: ${rateIn(retried, metric)} asked again, ${rateIn(notRetried, metric)} asked once`;
  }
}

function rateIn({ completed, metrics }: RowGroup, name: MetricName): string {
  const metric = metrics[name];
  if (metric === undefined || metric.rateOfCompleted === null) return "none";
  return `${percent(metric.rateOfCompleted)} (${metric.successesOfCompleted} of ${completed})`;
}

/** Where the second verdict of MATH differs from the paper's. */
function* disagreements(verification: VerificationSummary): Generator<string> {
  const { incorrectButEquivalent, correctButDifferent, correctButUndecided } = verification;
  const counts = [
    [incorrectButEquivalent, "equivalent though counted as wrong"],
    [correctButDifferent, "different though counted as right"],
    [correctButUndecided, "undecided though counted as right"],
  ] as const;
  const found = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  if (found.length > 0) yield `by meaning: ${found.join(", ")}`;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
