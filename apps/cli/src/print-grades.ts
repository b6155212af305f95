import {
  conclusionSentence,
  type GraderComparisons,
  METRIC_NAMES,
  type RegradeSummary,
  type ResultMetric,
} from "@pka/harness";
import { confidenceLevel as level, count, letterOf, percent, percentInterval, table } from "./format.js";
import { pCell } from "./print-comparisons.js";
import { printJson } from "./print-json.js";
import { printable } from "./stderr.js";

/** What decides how grades are printed. */
export interface GradeFormat {
  readonly confidenceLevel: number;
  readonly json?: true;
}

/** Grades to stdout: tables and sentences for people, or one JSON document of a stable schema. */
export function printGrades(
  files: readonly RegradeSummary[],
  comparisons: readonly GraderComparisons[],
  format: GradeFormat,
): void {
  if (format.json) {
    printJson({ schema: 1, command: "grade", files, comparisons });
    return;
  }
  for (const [index, file] of files.entries()) {
    if (index > 0) console.log("");
    console.log(`${letterOf(index)}  ${printable(file.path)}: ${count(file.numRows)} rows`);
    for (const line of remarks(file)) console.log(`   ${line}`);
    console.log(rateTable(file, format));
    for (const metric of metricsOf(file)) console.log(agreementTable(file, metric));
  }
  for (const [index, comparison] of comparisons.entries()) {
    const labels = [letterOf(0), letterOf(index + 1)] as const;
    console.log(`\n${labels[0]} against ${labels[1]}: ${count(comparison.pairing.numPairs)} pairs`);
    console.log(comparisonTable(comparison, labels, format));
    for (const conclusion of comparison.conclusions) console.log(conclusionSentence(conclusion, labels));
  }
}

function remarks(file: RegradeSummary): string[] {
  const { extraction, numExtractedOtherwise, withoutGrader, graders, storedOtherwise, numRows } = file;
  const lines: string[] = [];
  if (extraction !== null) lines.push(`answers taken by ${extraction}`);
  if (numExtractedOtherwise > 0) lines.push(`${count(numExtractedOtherwise)} answers in the file are taken otherwise`);
  for (const [metric, rows] of Object.entries(storedOtherwise)) {
    if (rows.length === 0) continue;
    const name = METRIC_NAMES[metric as ResultMetric];
    lines.push(`${count(rows.length)} stored verdicts on ${name} differ from the paper's grader: rows ${shown(rows)}`);
  }
  if (Object.keys(storedOtherwise).length > 0 && Object.values(storedOtherwise).every((rows) => rows.length === 0)) {
    lines.push("every stored verdict is what the paper's grader says");
  }
  for (const { name, numNotGraded } of graders) {
    if (numNotGraded > 0) lines.push(`${name}: ${count(numNotGraded)} of ${count(numRows)} rows lack what it looks at`);
  }
  if (withoutGrader.length > 0) lines.push(`no row holds what ${withoutGrader.join(", ")} need: raw_prediction`);
  return lines;
}

function shown(rows: readonly number[]): string {
  return `${rows.slice(0, 10).join(", ")}${rows.length > 10 ? ", …" : ""}`;
}

function metricsOf({ graders }: RegradeSummary): ResultMetric[] {
  return [...new Set(graders.flatMap(({ metrics }) => Object.keys(metrics) as ResultMetric[]))];
}

function rateTable(file: RegradeSummary, { confidenceLevel }: GradeFormat): string {
  const metrics = metricsOf(file);
  const head = [
    "grader",
    "rule",
    ...metrics.flatMap((metric) => [METRIC_NAMES[metric], "rate", `${level(confidenceLevel)} interval`]),
  ];
  const rows = file.graders.map((grader) => [
    grader.name,
    grader.rule,
    ...metrics.flatMap((metric) => {
      const rate = grader.metrics[metric];
      return rate === undefined
        ? ["", "", ""]
        : [`${count(rate.successes)}/${count(rate.numRows)}`, percent(rate.rate), percentInterval(rate.interval)];
    }),
  ]);
  return table(head, rows);
}

/** Cohen's kappa of every two graders, and on how many rows they disagree. */
function agreementTable(file: RegradeSummary, metric: ResultMetric): string {
  const found = file.agreement.filter((one) => one.metric === metric);
  const names = file.graders.filter(({ metrics }) => metrics[metric] !== undefined).map(({ name }) => name);
  const rows = names.slice(0, -1).map((name, i) => [
    name,
    ...names.slice(1).map((other, j) => {
      if (j < i) return "";
      const one = found.find(({ graders }) => graders[0] === name && graders[1] === other);
      return one === undefined
        ? ""
        : `${one.kappa === null ? "–" : one.kappa.toFixed(3)} (${count(one.numDisagreements)})`;
    }),
  ]);
  const numRows = new Set(file.disagreements.filter((one) => one.metric === metric).map(({ row }) => row)).size;
  const title = `${METRIC_NAMES[metric]}: kappa (rows that differ); ${count(numRows)} rows on which not all agree`;
  return names.length < 2 ? title : `${title}\n${table(["", ...names.slice(1)], rows)}`;
}

function comparisonTable(
  { graders }: GraderComparisons,
  [first, second]: readonly [string, string],
  { confidenceLevel }: GradeFormat,
): string {
  const head = ["metric", "grader", first, second, `${first} - ${second}`, `${level(confidenceLevel)} interval`, "p"];
  const rows = graders
    .flatMap(({ grader, metrics }) => metrics.map((compared) => ({ grader, compared })))
    .toSorted((a, b) => order(a.compared.metric) - order(b.compared.metric))
    .map(({ grader, compared: { metric, rates, difference, bootstrap, mcnemar, clustered } }) => [
      METRIC_NAMES[metric],
      grader,
      percent(rates.first),
      percent(rates.second),
      (100 * difference).toFixed(1),
      percentInterval(clustered?.interval ?? bootstrap),
      pCell(clustered === undefined ? mcnemar.pValue : clustered.pValue),
    ]);
  return table(head, rows);
}

function order(metric: ResultMetric): number {
  return Object.keys(METRIC_NAMES).indexOf(metric);
}
