import type { RowOutcome } from "./report-data.js";

// How the page carries the single answers: what embed-answers.ts writes and page/ reads. Each part is JSON, deflated (raw), in
// base64, in an inert script element of its own; nothing of it is decoded before it is needed.

/** Rows per part of texts: small enough to open one answer at once, large enough to compress well. */
export const ROWS_PER_PART = 1000;

/** Ids of the elements. */
export const partId = {
  questions: (dataset: number) => `pka-questions-${dataset}`,
  index: (run: number) => `pka-index-${run}`,
  texts: (run: number, part: number) => `pka-texts-${run}-${part}`,
} as const;

/** Every question of a dataset that any run has a row for; the position is what the runs refer to. */
export type EmbeddedQuestions = readonly (readonly [question: string, gold: readonly string[]])[];

/** What filters and the list need of every row of a run, as columns. */
export interface EmbeddedIndex {
  /** Positions in {@link EmbeddedQuestions}. */
  readonly question: readonly number[];
  /** Positions in {@link EMBEDDED_OUTCOMES}. */
  readonly outcome: readonly number[];
  /** Bit 2m: the row has a verdict of metric m; bit 2m + 1: it is right. m is a position in `REPORT_METRICS`. */
  readonly verdicts: readonly number[];
  /** −1 = the file does not say. */
  readonly tokens: readonly number[];
}

/** The texts of one row. */
export type EmbeddedTexts = readonly [
  /** `null` = the model showed none. */
  thinking: string | null,
  /** What the model wrote besides; of a row without completion, the error. */
  answer: string,
  /** The extracted answer; `null` = none. */
  prediction: string | null,
  /** The refined answer; `0` = the same as the prediction, `null` = there is none. */
  refined: string | 0 | null,
  /** Full lengths, in characters, of the four texts above, where one of them was cut; 0 = whole. */
  cut?: readonly [number, number, number, number],
];

export const EMBEDDED_OUTCOMES: readonly RowOutcome[] = [
  "answered",
  "empty",
  "truncated",
  "truncated-thinking",
  "refused",
  "unparsed",
  "error",
  "not-asked",
];

/** What the page knows at once: the content of the element `pka-report`. */
export interface EmbeddedReport {
  readonly datasets: readonly { readonly title: string; readonly numQuestions: number }[];
  readonly runs: readonly EmbeddedRun[];
  /** Texts are cut here, in characters. */
  readonly maxChars: number;
}

export interface EmbeddedRun {
  /** Position in {@link EmbeddedReport.datasets}. */
  readonly dataset: number;
  readonly title: string;
  readonly numRows: number;
  /** Titles of the metrics by position in `REPORT_METRICS`; `null` where the run does not have it. */
  readonly metrics: readonly (string | null)[];
  /** Position of the metric that says right or wrong; −1 = none. */
  readonly verdictMetric: number;
}
