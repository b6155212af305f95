export { createReport, type Report, REPORT_FORMATS, type ReportFormat, type ReportOptions } from "./create-report.js";
export { ResultsFolderError } from "./find-result-files.js";
export {
  type Bounds,
  type DifferenceKind,
  type DifferenceVerdict,
  type LengthSummary,
  type MetricRate,
  type ReportData,
  type ReportDifference,
  type ReportMetric,
  type ReportProblem,
  type ReportRun,
  type RetryRate,
  type RetryRates,
  type RowOutcome,
} from "./report-data.js";
