import { basename, resolve } from "node:path";
import { UsageError } from "@pka/core";
import { AnswerStore } from "./answer-store.js";
import { buildReportData } from "./build-report-data.js";
import { reportCsv } from "./csv.js";
import { findReportFiles, nameBelow, pathOf, type ResultFileSet } from "./find-report-files.js";
import { renderHtml } from "./html/render-html.js";
import type { LoadedRun } from "./loaded-run.js";
import { loadRun, problemOf } from "./load-run.js";
import { reportMarkdown } from "./markdown.js";
import type { ReportData, ReportProblem, ReportTraining } from "./report-data.js";
import { parseRunName } from "./run-name.js";
import { compareRuns } from "./titles.js";
import { loadTraining } from "./training/load-training.js";

/** What a report can be written as. */
export type ReportFormat = "html" | "md" | "csv" | "json";

/** Every {@link ReportFormat}. */
export const REPORT_FORMATS: readonly ReportFormat[] = ["html", "md", "csv", "json"];

/** Options of `createReport`. */
export interface ReportOptions {
  /** Read with everything below it. */
  readonly folder: string;
  /** Default `html`. */
  readonly format?: ReportFormat;
  /** Default: the name of the folder. */
  readonly title?: string;
  /** Longest text of an answer in the HTML file, in characters; longer ones are cut, and say so. Default 4000, at least 100. */
  readonly maxChars?: number;
  /** The HTML file should not exceed this: `maxChars` is lowered until it fits. Default 24,000,000. */
  readonly maxBytes?: number;
  /** Which result files, and `metrics.jsonl` of training runs, to read, by their names below the folder, with `/`. Default: all. */
  readonly include?: (file: string) => boolean;
  /** Called before each result file is read. */
  readonly onFile?: (file: string, index: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What `createReport` made. */
export interface Report {
  readonly text: string;
  readonly data: ReportData;
  /** Where the texts of the HTML file are cut, in characters. */
  readonly maxChars: number;
}

/**
 * A report of all result files below a folder, ours and the paper's, and of the training runs in it. A file that cannot be used does not stop it: it is named in
 * `data.problems`, and in the report itself.
 *
 * @throws ResultsFolderError when the folder cannot be read or holds nothing to report. @throws UsageError for an option out of range.
 */
export async function createReport(options: ReportOptions): Promise<Report> {
  const { folder, format = "html", maxChars = 4000, maxBytes = 24_000_000, include, onFile, signal } = options;
  if (!Number.isSafeInteger(maxChars) || maxChars < 100) {
    throw new UsageError(`maxChars must be a whole number of at least 100, not ${maxChars}`);
  }
  const title = options.title ?? basename(resolve(folder));
  const store = new AnswerStore(maxChars);
  const problems: ReportProblem[] = [];
  const runs: LoadedRun[] = [];
  const found = await findReportFiles(folder);
  const isIncluded = (path: string) => include?.(nameBelow(folder, path)) ?? true;
  const results = found.results
    .filter((files) => isIncluded(pathOf(files)))
    .toSorted((a, b) => compareRuns(nameOf(a), nameOf(b)));
  const trained = found.training.filter(({ metrics }) => isIncluded(metrics));
  const total = trained.reduce((sum, { evaluations }) => sum + evaluations.length, results.length);
  let numRead = 0;

  /** A file that cannot be used is a problem of the report, and `null`. */
  const load = async (files: ResultFileSet, into: AnswerStore | null): Promise<LoadedRun | null> => {
    signal?.throwIfAborted();
    const file = nameBelow(folder, pathOf(files));
    onFile?.(file, numRead++, total);
    try {
      const run = await loadRun({ folder, files, store: into, onProblem: (problem) => problems.push(problem) });
      if (run === null) problems.push({ file, message: "holds no graded rows: not a result file", severity: "note" });
      return run;
    } catch (error) {
      problems.push({ file, message: problemOf(error, pathOf(files)), severity: "error" });
      return null;
    }
  };

  for (const files of results) {
    const run = await load(files, store);
    if (run !== null) runs.push(run);
  }
  const training: ReportTraining[] = [];
  for (const files of trained) {
    const name = nameBelow(folder, files.folder) || basename(resolve(folder));
    const loaded = await loadTraining(files, {
      name,
      load: (evaluation, isKept) => load(evaluation, isKept ? store : null),
      onProblem: (path, message) => problems.push({ file: nameBelow(folder, path), message, severity: "error" }),
    });
    training.push(loaded.training);
    runs.push(...loaded.runs);
  }

  const data = buildReportData({ title, runs, training, problems });
  const text = await render(format, data, store, maxBytes);
  return { text, data, maxChars: store.maxChars };
}

async function render(format: ReportFormat, data: ReportData, store: AnswerStore, maxBytes: number): Promise<string> {
  if (format === "json") return `${JSON.stringify(data, null, 2)}\n`;
  if (format === "csv") return reportCsv(data);
  if (format === "md") return reportMarkdown(data);
  return renderHtml(data, store, maxBytes);
}

function nameOf(files: ResultFileSet) {
  return parseRunName(basename(pathOf(files)));
}
