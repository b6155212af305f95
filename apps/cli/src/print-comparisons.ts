import {
  type Comparison,
  type ComparisonSet,
  formatPValue,
  METRIC_NAMES,
  type MetricComparison,
  type ResultSummary,
  verdictSentence,
} from "@pka/harness";
import { confidenceLevel as level, count, letterOf, percent, percentInterval, table } from "./format.js";
import { printJson } from "./print-json.js";
import { printable } from "./stderr.js";

/** What decides how comparisons are printed. */
export interface ComparisonFormat {
  readonly alpha: number;
  readonly confidenceLevel: number;
  readonly midP?: true;
  readonly json?: true;
}

/** Comparisons to stdout: tables and sentences for people, or one JSON document of a stable schema. */
export function printComparisons({ comparisons, adjusted }: ComparisonSet, format: ComparisonFormat): void {
  if (format.json) {
    printJson({ schema: 1, command: "compare", comparisons, ...(adjusted && { adjusted }) });
    return;
  }
  const files = [comparisons[0]!.first, ...comparisons.map(({ second }) => second)];
  for (const [index, { path }] of files.entries()) console.log(`${letterOf(index)}  ${printable(path)}`);
  console.log(fileTable(files, format.confidenceLevel));
  for (const [index, { numRetried }] of files.entries()) {
    if (numRetried > 0) console.log(`${letterOf(index)}: ${count(numRetried)} rows were asked more than once`);
  }
  for (const [index, comparison] of comparisons.entries()) {
    const labels = [letterOf(0), letterOf(index + 1)] as const;
    console.log("");
    for (const line of pairingLines(comparison, labels)) console.log(line);
    console.log(metricTable(comparison.metrics, labels, format));
    for (const metric of comparison.metrics) {
      console.log(verdictSentence(metric, { alpha: format.alpha, labels }));
      const holm = adjusted?.[metric.metric]?.[index];
      if (holm !== undefined && holm !== null) {
        console.log(`  over ${comparisons.length} comparisons with ${labels[0]} (Holm): ${formatPValue(holm)}`);
      }
    }
  }
}

/** What each file holds; letters stand for their names. */
function fileTable(files: readonly ResultSummary[], confidence: number): string {
  const rows = files.flatMap((file, index) =>
    Object.entries(file.metrics).map(([name, rates], line) => [
      ...(line === 0 ? [letterOf(index), file.kind, count(file.numRows), missing(file)] : ["", "", "", ""]),
      METRIC_NAMES[name as keyof typeof METRIC_NAMES],
      `${count(rates.successes)}/${count(rates.numRows)}`,
      percent(rates.rate),
      percentInterval(rates.interval),
      percent(rates.rateOfAll),
      rates.rateOfCompleted === null ? "–" : percent(rates.rateOfCompleted),
      percentInterval(rates.bounds),
    ]),
  );
  const rates = ["right", "rate", `${level(confidence)} interval`, "of all", "of completed", "bounds"];
  return table(["file", "kind", "rows", "missing", "metric", ...rates], rows);
}

function missing({ numUnanswered, numRightUnanswered, numErrors }: ResultSummary): string {
  return [
    numErrors > 0 ? `${count(numErrors)} error${numErrors === 1 ? "" : "s"}` : "",
    numUnanswered > 0 ? `${count(numUnanswered)} without an answer` : "",
    numRightUnanswered > 0 ? `${count(numRightUnanswered)} of them counted right` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}

function pairingLines({ pairing, notCompared }: Comparison, [first, second]: readonly [string, string]): string[] {
  const { by, numPairs, numQuestions, unmatched, repeated, mismatched } = pairing;
  const way = { occurrence: "by question", index: "by index", legacy: "by question, last one wins" }[by];
  const lines = [`${first} against ${second}: ${count(numPairs)} pairs ${way}`];
  if (unmatched.first + unmatched.second > 0) {
    lines.push(
      `  not paired: ${count(unmatched.first)} rows of ${first}, ${count(unmatched.second)} rows of ${second}`,
    );
  }
  if (mismatched > 0) lines.push(`  ${count(mismatched)} pairs hold two different questions`);
  if (repeated.first + repeated.second > 0) {
    lines.push(
      `  repeated questions: ${count(repeated.first)} rows of ${first}, ${count(repeated.second)} rows of ${second}`,
    );
  }
  if (numQuestions < numPairs) lines.push(`  ${count(numQuestions)} different questions: tested by question as well`);
  for (const metric of notCompared) lines.push(`  ${METRIC_NAMES[metric]} stands in one of the two only: not compared`);
  return lines;
}

function metricTable(
  metrics: readonly MetricComparison[],
  [first, second]: readonly [string, string],
  { midP, confidenceLevel }: ComparisonFormat,
): string {
  const head = [
    "metric",
    "pairs",
    first,
    second,
    `${first} - ${second}`,
    `${level(confidenceLevel)} interval`,
    "both",
    `only ${first}`,
    `only ${second}`,
    "neither",
    "test",
    "p",
    ...(midP ? ["mid-p"] : []),
  ];
  const rows = metrics.flatMap((compared) => {
    const { metric, numPairs, rates, difference, bootstrap, table: counts, mcnemar, clustered } = compared;
    const rowWise = [
      METRIC_NAMES[metric],
      count(numPairs),
      percent(rates.first),
      percent(rates.second),
      (100 * difference).toFixed(1),
      percentInterval(bootstrap),
      ...[counts.both, counts.firstOnly, counts.secondOnly, counts.neither].map(count),
      mcnemar.method === "none" ? "none" : `McNemar, ${mcnemar.method}`,
      pCell(mcnemar.pValue),
      ...(midP ? [pCell(compared.midP.pValue)] : []),
    ];
    if (clustered === undefined) return [rowWise];
    const { interval, method, pValue, numQuestions } = clustered;
    const byQuestion = [
      "  by question",
      count(numQuestions),
      "",
      "",
      "",
      interval === null ? "–" : percentInterval(interval),
      "",
      "",
      "",
      "",
      `clustered ${method === "mcnemar" ? "McNemar" : "permutation"}`,
      pCell(pValue),
      ...(midP ? [""] : []),
    ];
    return [rowWise, byQuestion];
  });
  const left = metrics.flatMap(({ metric, numWithoutVerdict, numDropped }) => [
    ...(numWithoutVerdict > 0
      ? [`  ${METRIC_NAMES[metric]}: ${count(numWithoutVerdict)} pairs left out, because a row has no verdict`]
      : []),
    ...(numDropped > 0
      ? [`  ${METRIC_NAMES[metric]}: ${count(numDropped)} pairs left out, because a row has no answer`]
      : []),
  ]);
  return [...left, table(head, rows)].join("\n");
}

/** A p-value in a table; a dash where nothing was tested. */
export function pCell(pValue: number | null): string {
  return pValue === null ? "–" : formatPValue(pValue).replace(/^p (?:= )?/, "");
}
