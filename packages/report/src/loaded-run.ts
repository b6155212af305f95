import type { Outcome } from "@pka/core";
import type { ReportMetric } from "./report-data.js";
import type { RunName } from "./run-name.js";

/** What the figures of a report need to know of one row with a completion. */
export interface LoadedRow {
  /** Of the question, so that rows of different runs can be paired: see {@link questionKey}. */
  readonly key: string;
  /** Rows that share it are draws or repeats of one question, and not independent. */
  readonly question: string;
  readonly outcome: Exclude<Outcome, "error">;
  readonly verdicts: Readonly<Partial<Record<ReportMetric, boolean>>>;
  readonly numTokens: number | null;
  /** It was asked more than once. */
  readonly isRetried?: boolean;
  /** In characters (code points); `null` where the model showed no thinking. */
  readonly thinkingLength: number | null;
}

/** One result file as it was read. */
export interface LoadedRun {
  /** Below the results folder, with `/`. */
  readonly file: string;
  readonly name: RunName;
  readonly task: "qa" | "math";
  readonly refinedFile: string | null;
  readonly journalFile: string | null;
  readonly samples: number;
  /** Rows that should be there: the file's own total, or all that stand in it. */
  readonly total: number;
  /** Rows without a completion. */
  readonly numErrors: number;
  /** In the order of the file. */
  readonly rows: readonly LoadedRow[];
}

/** The same for rows that ask the same: one question (or problem), in one sample. */
export function questionKey(question: string, sample: number): string {
  return sample === 0 ? question : `${sample}\n${question}`;
}
