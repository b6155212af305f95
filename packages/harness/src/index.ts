export type { Condition } from "./condition.js";
export type { Price } from "./cost.js";
export {
  JournalDamagedError,
  JournalLockedError,
  OutputError,
  type ResumeDifference,
  ResumeRefusedError,
} from "./errors.js";
export { evaluate, type EvaluationReport } from "./evaluate.js";
export type { EvaluateOptions, EvaluationProgress } from "./evaluate-options.js";
export { readJournal } from "./journal/read.js";
export type {
  AttemptRecord,
  Fingerprint,
  HeaderRecord,
  JournalRecord,
  RecordedCompletion,
  RecordedError,
  RunRecord,
} from "./journal/record.js";
export { resultFileName } from "./result/file-name.js";
export { ResultFileError, type ResultFileEntry } from "./result/object-splitter.js";
export { readResultFile } from "./result/read-result-file.js";
export {
  forEachResultRow,
  type PkaTrailer,
  type ReadResultOptions,
  readResultRows,
  type ResultFileErrorEntry,
  type ResultFileInfo,
  type ResultRows,
} from "./result/read-result-rows.js";
export {
  RESULT_COLUMNS,
  RESULT_METRICS,
  type ResultColumn,
  type ResultKind,
  type ResultMetric,
  type ResultRow,
  ResultRowError,
} from "./result/result-row.js";
export type { MathResultRow, QaResultRow } from "./result/rows.js";
export type { EvaluationSummary, MetricName, MetricSummary } from "./summary.js";
export type { MathVerdict, QaVerdict, Verdict } from "./verdict.js";
