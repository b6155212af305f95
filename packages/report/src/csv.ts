import { type ReportData, type ReportRun } from "./report-data.js";
import { metricsOf } from "./report-rows.js";

type Cell = string | number | boolean | null;

/**
 * The figures as two tables of RFC 4180, told apart by their first column: one line per run, metric and rate, then one per
 * difference. Text that a spreadsheet would run as a formula begins with an apostrophe.
 */
export function reportCsv(data: ReportData): string {
  const lines: Cell[][] = [HEAD];
  for (const run of data.runs) {
    for (const metric of metricsOf([run])) {
      const { rate, interval, bounds, successes, rows, rateOfAll, completed, rateOfCompleted } = run.metrics[metric]!;
      lines.push([
        "rate",
        ...conditionCells(run),
        metric,
        rate,
        interval?.lower ?? null,
        interval?.upper ?? null,
        successes,
        rows,
        run.errors,
        run.notAsked,
        rateOfAll,
        completed,
        rateOfCompleted,
        bounds?.lower ?? null,
        bounds?.upper ?? null,
        run.tokens?.mean ?? null,
        ...EMPTY_DIFFERENCE,
      ]);
    }
  }
  for (const difference of data.differences) {
    const { run, baseline, metric, interval, bounds } = difference;
    lines.push([
      `difference: ${difference.kind}`,
      ...conditionCells(data.runs[run]!),
      metric,
      difference.difference,
      interval?.lower ?? null,
      interval?.upper ?? null,
      null,
      difference.pairs,
      null,
      null,
      null,
      null,
      null,
      bounds?.lower ?? null,
      bounds?.upper ?? null,
      null,
      data.runs[baseline]!.file,
      difference.onlyRun,
      difference.onlyBaseline,
      difference.p,
      difference.clusteredP,
      difference.adjustedP,
      difference.verdict,
    ]);
  }
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

const HEAD = [
  "what",
  "file",
  "dataset",
  "model",
  "checkpoint",
  "cues",
  "thinking",
  "metric",
  "value",
  "lower_95",
  "upper_95",
  "successes",
  "rows",
  "errors",
  "not_asked",
  "rate_of_all",
  "completed",
  "rate_of_completed",
  "lowest_possible",
  "highest_possible",
  "mean_tokens",
  "baseline_file",
  "only_this_right",
  "only_baseline_right",
  "p",
  "p_clustered",
  "p_holm",
  "verdict",
];

const EMPTY_DIFFERENCE: readonly Cell[] = [null, null, null, null, null, null, null];

function conditionCells({ file, dataset, model, checkpoint, cues, thinking }: ReportRun): Cell[] {
  return [file, dataset, model, checkpoint, cues, thinking];
}

/** @see OWASP, CSV Injection: a cell that begins with = + - @, a tab or a return may be run by the program that opens it. */
function csvCell(value: Cell): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
