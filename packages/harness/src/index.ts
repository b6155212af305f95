export { Budget, type BudgetLimits } from "./budget.js";
export type { ClusteredComparison, MetricComparison } from "./compare/compare-metric.js";
export { compareAgainstFirst, compareResults, type Comparison, type ComparisonSet } from "./compare/compare-results.js";
export type { CompareOptions } from "./compare/compare-options.js";
export { NotComparableError } from "./compare/errors.js";
export type { PairingSummary } from "./compare/pair-results.js";
export {
  type RateSummary,
  type ResultRate,
  type ResultSummary,
  summarizeResults,
} from "./compare/summarize-results.js";
export { formatPValue, METRIC_NAMES, verdictSentence } from "./compare/verdict-sentence.js";
export type { Condition, RefineCondition } from "./condition.js";
export type { Price } from "./cost.js";
export { countRecorded } from "./count-recorded.js";
export {
  JournalDamagedError,
  JournalLockedError,
  NothingToRetryError,
  OutputError,
  type ResumeDifference,
  ResumeRefusedError,
} from "./errors.js";
export type { AnswerLimits, ExpectedTokens, Range, SpendEstimate } from "./estimate.js";
export { evaluate, type EvaluationReport } from "./evaluate.js";
export type { EvaluateOptions } from "./evaluate-options.js";
export { readJournal } from "./journal/read.js";
export type {
  AttemptRecord,
  Fingerprint,
  HeaderRecord,
  JournalRecord,
  RecordedCompletion,
  RecordedError,
  RunRecord,
  Selection,
  StartRecord,
} from "./journal/record.js";
export { type FailOnError, failsOnError } from "./fail-on-error.js";
export type { Spend } from "./ledger.js";
export { type EvaluationPlan, planEvaluation, type PlanOptions } from "./plan-evaluation.js";
export { findRefineTargets, type FindRefineTargetsOptions } from "./refine/find-refine-targets.js";
export {
  planRefinement,
  refine,
  refinedPath,
  type RefineOptions,
  type RefinePlan,
  type RefineReport,
  type RefineSelection,
} from "./refine/refine.js";
export type { AuditEntry, RefineAudit } from "./refine/refine-audit.js";
export type { RefineSummary } from "./refine/refine-summary.js";
export {
  compareGraders,
  conclusionSentence,
  type GraderComparison,
  type GraderComparisons,
  type GraderConclusion,
} from "./regrade/compare-graders.js";
export { RepairRefusedError } from "./repair/errors.js";
export { rebuildResult, type RebuildOptions, type RebuiltResult } from "./repair/rebuild-result.js";
export { type JournalRepair, repairJournal, type RepairOptions } from "./repair/repair-journal.js";
export type { LostStretch } from "./repair/survey-journal.js";
export { NotGradableError } from "./regrade/errors.js";
export { type GradedRow, type Grader, GRADERS, type GraderVerdicts } from "./regrade/graders.js";
export { type RegradedBy, type RegradedFile, regradeFile, type RegradeOptions } from "./regrade/regrade-file.js";
export {
  type Disagreement,
  type GraderAgreement,
  type GraderSummary,
  type RegradeSummary,
  summarizeRegrade,
} from "./regrade/summarize-regrade.js";
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
export type { RunOptions, RunProgress } from "./run-options.js";
export { checkRetry, RETRY_OUTCOMES } from "./retry-round.js";
export type {
  EvaluationSummary,
  MetricName,
  MetricSummary,
  RetrySummary,
  RowGroup,
  VerificationSummary,
} from "./summary.js";
export type { MathVerdict, QaVerdict, Verdict } from "./verdict.js";
export { averagesJson } from "./thinking/averages-json.js";
export { type FileThinking, measureFile, type MeasureFileOptions } from "./thinking/measure-file.js";
export { measureThinking, type MeasureThinkingOptions, type ThinkingReport } from "./thinking/measure-thinking.js";
