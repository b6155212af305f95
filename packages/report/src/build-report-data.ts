import type { LoadedRun } from "./loaded-run.js";
import { pairedDifferences } from "./paired-differences.js";
import { REPORT_SCHEMA, type ReportData, type ReportProblem, type ReportTraining } from "./report-data.js";
import { commonRange, summarizeRun } from "./summarize-run.js";

/**
 * All figures of a report.
 *
 * @param runs - In the order in which they are shown.
 */
export function buildReportData(options: {
  readonly title: string;
  readonly runs: readonly LoadedRun[];
  readonly training?: readonly ReportTraining[];
  readonly problems: readonly ReportProblem[];
}): ReportData {
  const { title, runs, training = [], problems } = options;
  const ranges = {
    tokens: commonRange(runs, (row) => row.numTokens),
    thinking: commonRange(runs, (row) => row.thinkingLength),
  };
  return {
    schema: REPORT_SCHEMA,
    title,
    runs: runs.map((run, id) => summarizeRun(run, id, ranges)),
    differences: pairedDifferences(runs),
    training,
    problems,
  };
}
