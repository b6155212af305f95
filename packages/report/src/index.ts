export { createReport, type Report, REPORT_FORMATS, type ReportFormat, type ReportOptions } from "./create-report.js";
export { ResultsFolderError } from "./find-report-files.js";
export {
  type Bounds,
  type CurvePoint,
  type DifferenceKind,
  type DifferenceVerdict,
  type LengthSummary,
  type MetricRate,
  type PairedDifference,
  type ReportCurve,
  type ReportData,
  type ReportDifference,
  type ReportMetric,
  type ReportProblem,
  type ReportRun,
  type ReportTraining,
  type RetryRate,
  type RetryRates,
  type RowOutcome,
  type TrainingSeries,
} from "./report-data.js";
