import type { MetricRate, PairedDifference, ReportData, ReportMetric } from "./report-data.js";
import { metricsOf } from "./report-rows.js";

type Cell = string | number | boolean | null;

/** What a line is about. */
interface Subject {
  readonly file: string;
  readonly dataset: string | null;
  readonly model: string;
  readonly checkpoint: string | null;
  readonly cues: boolean | null;
  readonly thinking: boolean | null;
}

/**
 * The figures as tables of RFC 4180, told apart by their first column: one line per run, metric and rate, one per difference, and of
 * training runs one per evaluated step and change, and per value of a metric. Text that a spreadsheet would run as a formula begins with an
 * apostrophe.
 */
export function reportCsv(data: ReportData): string {
  const lines: Cell[][] = [HEAD];
  for (const run of data.runs) {
    for (const metric of metricsOf([run])) lines.push(rateLine("rate", run, metric, run.metrics[metric]!, run));
  }
  for (const difference of data.differences) {
    const { kind, run, baseline, metric } = difference;
    lines.push(differenceLine(`difference: ${kind}`, data.runs[run]!, metric, difference, data.runs[baseline]!.file));
  }
  for (const { name, curves, series } of data.training) {
    for (const { dataset, cues, thinking, metric, points } of curves) {
      for (const { step, file, rate, change } of points) {
        const subject = { file, dataset, model: name, checkpoint: `step ${step}`, cues, thinking };
        lines.push(rateLine("curve", subject, metric, rate, { step }));
        if (change === null) continue;
        lines.push(differenceLine("difference: step", subject, metric, change, points[0]!.file, step));
      }
    }
    for (const { name: metric, points } of series) {
      const subject = { file: "", dataset: null, model: name, checkpoint: null, cues: null, thinking: null };
      for (const [step, value] of points) lines.push(line("training", subject, metric, { value, step }));
    }
  }
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

function rateLine(
  what: string,
  subject: Subject,
  metric: ReportMetric,
  { rate, interval, bounds, successes, rows, rateOfAll, completed, rateOfCompleted }: MetricRate,
  more: {
    readonly errors?: number;
    readonly notAsked?: number;
    readonly tokens?: { readonly mean: number } | null;
    readonly step?: number | null;
  },
): Cell[] {
  return line(what, subject, metric, {
    value: rate,
    lower_95: interval?.lower,
    upper_95: interval?.upper,
    successes,
    rows,
    errors: more.errors,
    not_asked: more.notAsked,
    rate_of_all: rateOfAll,
    completed,
    rate_of_completed: rateOfCompleted,
    lowest_possible: bounds?.lower,
    highest_possible: bounds?.upper,
    mean_tokens: more.tokens?.mean,
    step: more.step,
  });
}

function differenceLine(
  what: string,
  subject: Subject,
  metric: ReportMetric,
  { difference, interval, bounds, pairs, onlyRun, onlyBaseline, p, clusteredP, adjustedP, verdict }: PairedDifference,
  baselineFile: string,
  step?: number,
): Cell[] {
  return line(what, subject, metric, {
    value: difference,
    lower_95: interval?.lower,
    upper_95: interval?.upper,
    rows: pairs,
    lowest_possible: bounds?.lower,
    highest_possible: bounds?.upper,
    baseline_file: baselineFile,
    only_this_right: onlyRun,
    only_baseline_right: onlyBaseline,
    p,
    p_clustered: clusteredP,
    p_holm: adjustedP,
    verdict,
    step,
  });
}

const HEAD: string[] = [
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
  "step",
];

/** Cells in the order of {@link HEAD}; what is not named is empty. */
function line(
  what: string,
  subject: Subject,
  metric: string,
  cells: Readonly<Record<string, Cell | undefined>>,
): Cell[] {
  const { file, dataset, model, checkpoint, cues, thinking } = subject;
  const all: Readonly<Record<string, Cell | undefined>> = {
    what,
    file,
    dataset,
    model,
    checkpoint,
    cues,
    thinking,
    metric,
    ...cells,
  };
  return HEAD.map((name) => all[name] ?? null);
}

/**
 * A cell that a spreadsheet may take for a formula: it begins with = + - @, also in full width or behind blanks and quotes, which some
 * programs strip, or with a tab or line break.
 * @see OWASP, CSV Injection.
 */
const FORMULA = /^(?:[\s"']*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;

/** A value as one cell. */
export function csvCell(value: Cell): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const guarded = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
