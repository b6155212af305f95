import type { Outcome } from "@pka/core";

/** Raised when the meaning of a field of {@link ReportData} changes. */
export const REPORT_SCHEMA = 1;

/** What the graders of a result file answer with yes or no. `refinedRecall` comes from the `ex_` file beside it. */
export type ReportMetric = "recall" | "exactMatch" | "refinedRecall" | "accuracy";

/** Every {@link ReportMetric}, in the order in which they are shown. */
export const REPORT_METRICS: readonly ReportMetric[] = ["recall", "exactMatch", "refinedRecall", "accuracy"];

/** Two bounds of a fraction or of a difference of fractions. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** One metric over the rows of a run. */
export interface MetricRate {
  readonly successes: number;
  /** Rows with a verdict: those with a completion. Errors and rows that were never asked are not among them. */
  readonly rows: number;
  /** `successes / rows`; `null` without rows. */
  readonly rate: number | null;
  /** Wilson's 95 % interval of `rate`. `null` without rows, and where rows of one question repeat as samples: they are not independent. */
  readonly interval: Bounds | null;
  /** `successes / total`: as the paper counts, errors and rows that were never asked being wrong. */
  readonly rateOfAll: number | null;
  /** Rows with a verdict whose outcome is `answered`; of refined recall, whatever the outcome. */
  readonly completed: number;
  /** Among completed rows; `null` without any. */
  readonly rateOfCompleted: number | null;
  /** Where the rate of all rows could lie, whatever the rows that are not completed had been. */
  readonly bounds: Bounds | null;
}

/** How often rows are right, of those that came to an answer. */
export interface RetryRate {
  /** Completed rows. */
  readonly completed: number;
  readonly successes: number;
  /** `null` without rows. */
  readonly rate: number | null;
}

/** Rows with a completion that were asked more than once, beside those that were asked once. */
export interface RetryRates {
  readonly rows: number;
  readonly retried: RetryRate;
  readonly once: RetryRate;
}

/** A distribution of lengths, in `unit`s. */
export interface LengthSummary {
  readonly unit: "tokens" | "characters";
  readonly rows: number;
  readonly mean: number;
  readonly median: number;
  /** 10th and 90th percentile. */
  readonly p10: number;
  readonly p90: number;
  readonly max: number;
  /** Split by verdict (see {@link ReportRun.verdictMetric}); `null` means without rows. */
  readonly meanRight: number | null;
  readonly meanWrong: number | null;
  readonly medianRight: number | null;
  readonly medianWrong: number | null;
  readonly rowsRight: number;
  readonly rowsWrong: number;
  /** Counts per bin of `edges`: bin i holds lengths in [edges[i], edges[i + 1]), the last bin its upper edge too. */
  readonly edges: readonly number[];
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}

/** What became of a row, `not-asked` included: a row that the file's total counts but that is nowhere in the file. */
export type RowOutcome = Outcome | "not-asked";

/** One result file: one condition on one dataset. */
export interface ReportRun {
  /** Position in {@link ReportData.runs}. */
  readonly id: number;
  /** Below the results folder, with `/`. */
  readonly file: string;
  readonly dataset: string;
  readonly model: string;
  readonly checkpoint: string | null;
  /** `null` = the file does not say. */
  readonly cues: boolean | null;
  /** `null` = the model has no such switch, or the file does not say. */
  readonly thinking: boolean | null;
  readonly task: "qa" | "math";
  /** The file of refined answers that was read too. */
  readonly refinedFile: string | null;
  /** The journal that was read too; without one the outcomes are inferred from the texts. */
  readonly journalFile: string | null;
  /** Rows that should be there: questions × samples. */
  readonly total: number;
  /** Rows with a completion. */
  readonly rows: number;
  readonly errors: number;
  readonly notAsked: number;
  /** Rows that repeat a question of an earlier row in the same sample. */
  readonly repeated: number;
  readonly samples: number;
  readonly outcomes: Readonly<Record<RowOutcome, number>>;
  readonly metrics: Readonly<Partial<Record<ReportMetric, MetricRate>>>;
  /** The metric that says right or wrong where one verdict is needed: refined recall, else recall, else accuracy. */
  readonly verdictMetric: ReportMetric | null;
  /** By the verdict metric; `null` where no row was asked twice. Rows asked again were chosen by what came out of them. */
  readonly retries: RetryRates | null;
  /** Of the completion, as the file counts (`num_tokens`). */
  readonly tokens: LengthSummary | null;
  /** Of the thinking text. */
  readonly thinkingLength: LengthSummary | null;
  /**
   * Mean thinking length of right rows minus that of wrong ones, in characters, with its 95 % bootstrap interval over questions;
   * `null` unless two questions have a right row and two a wrong one. Easy questions take less thought: it is no effect of thinking.
   */
  readonly thinkingContrast: (Bounds & { readonly difference: number }) | null;
}

export type DifferenceKind = "cues" | "thinking" | "checkpoint";

/** `untestable`: no pair in which one side is right and the other wrong. */
export type DifferenceVerdict = "higher" | "lower" | "no-difference" | "untestable";

/** Two runs that differ in one thing, on the questions that both answered. */
export interface ReportDifference {
  readonly kind: DifferenceKind;
  readonly dataset: string;
  readonly metric: ReportMetric;
  /** The changed run: with cues, with thinking, the checkpoint. */
  readonly run: number;
  /** What it is compared with. */
  readonly baseline: number;
  readonly pairs: number;
  /** Rows of either side without a partner that has a verdict. */
  readonly unpaired: number;
  readonly onlyRun: number;
  readonly onlyBaseline: number;
  /** Rate of `run` minus rate of `baseline` over the pairs. */
  readonly difference: number;
  /**
   * 95 %: the percentile bootstrap of the paper's script; where questions repeat, from the cluster-robust standard error.
   * `null` when all pairs are of one question.
   */
  readonly interval: Bounds | null;
  readonly test: "exact" | "chi-squared" | "none";
  /** McNemar's, row by row, as the paper's script; `null` when no pair is discordant. */
  readonly p: number | null;
  /** The same test with the question as the unit; `null` when no question repeats. */
  readonly clusteredP: number | null;
  /** `clusteredP`, else `p`, after Holm over all tests of the same metric in the report. The verdict rests on it. */
  readonly adjustedP: number | null;
  readonly verdict: DifferenceVerdict;
  /** Where the difference could lie if every row without a verdict had been answered, one way or the other; `null` when none is missing. */
  readonly bounds: Bounds | null;
  /** Could the missing rows turn the sign? */
  readonly dependsOnMissing: boolean;
}

/** A file that was found and could not be used, or only in part. */
export interface ReportProblem {
  readonly file: string;
  readonly message: string;
  /** `error`: what the file holds is missing from the report. `note`: it is in the report, read this beside it. */
  readonly severity: "error" | "note";
}

/** Everything that a report says, whatever its format. */
export interface ReportData {
  readonly schema: typeof REPORT_SCHEMA;
  readonly title: string;
  readonly runs: readonly ReportRun[];
  readonly differences: readonly ReportDifference[];
  readonly problems: readonly ReportProblem[];
}
