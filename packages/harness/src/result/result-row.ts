import { PkaError } from "@pka/core";
import { z } from "zod";
import { metricValue } from "./metric-value.js";

/**
 * What a row is: `qa` and `math` as `pka eval` and the paper's evaluation leave them, `ex` as answer refinement does,
 * `list` = anything else with verdicts.
 */
export type ResultKind = "qa" | "math" | "ex" | "list";

/** A verdict that rows carry: `recall` (in `ex` files `recalled`) and `exactMatch` of QA, `correct` of MATH. */
export type ResultMetric = "recall" | "exactMatch" | "correct";

/** Every {@link ResultMetric} and its name in files, in the order in which they are reported. */
export const RESULT_METRICS: readonly (readonly [metric: ResultMetric, name: string])[] = [
  ["recall", "recall"],
  ["exactMatch", "exact_match"],
  ["correct", "correct"],
];

/** A field that can be long and is kept only when asked for. */
export type ResultColumn = "answers" | "prediction" | "refined" | "text" | "solution";

/** Every {@link ResultColumn}. */
export const RESULT_COLUMNS: readonly ResultColumn[] = ["answers", "prediction", "refined", "text", "solution"];

/** One row of a result file. */
export interface ResultRow {
  readonly kind: ResultKind;
  /** 0-based position among the rows of the file. */
  readonly index: number;
  /** The question, in MATH the problem; `null` when the row has none. */
  readonly question: string | null;
  /** Which draw of the question, from 0. */
  readonly sample: number;
  /** The verdicts that the row carries. */
  readonly metrics: Readonly<Partial<Record<ResultMetric, boolean>>>;
  readonly numTokens: number | null;
  /** An answer was extracted: it is neither empty nor missing. `true` where the row does not show its answer. */
  readonly isAnswered: boolean;
  /** How often the row was asked, where it was asked more than once. */
  readonly attempts?: number;
  /** Why the row's verdict could not be had, in `ex` files. Its metrics are then absent. */
  readonly error?: string;
  /** Accepted answers. */
  readonly answers?: readonly string[];
  /** The extracted answer; in MATH `null` = no box. */
  readonly prediction?: string | null;
  /** The refined answer of an `ex` row. */
  readonly refined?: string;
  /** Everything the model wrote. */
  readonly text?: string | null;
  /** The worked solution of a MATH row. */
  readonly solution?: string;
}

/** A row of a result file does not have the shape of one. */
export class ResultRowError extends PkaError {
  readonly code = "result_row_invalid";

  constructor(
    readonly path: string,
    /** 0-based position among the rows of the file. */
    readonly row: number,
    problem: string,
    cause?: unknown,
  ) {
    super(`${path}: row ${row} (counted from 0): ${problem}`, { cause });
  }
}

const nullableText = z.string().nullish();

const rowSchema = z.object({
  question: nullableText,
  problem: nullableText,
  ground_truth: z.union([z.array(z.string()), z.string()]).optional(),
  raw_prediction: nullableText,
  extracted_prediction: nullableText,
  original_extracted: nullableText,
  refined_answer: nullableText,
  solution: z.string().optional(),
  num_tokens: z.number().nullish(),
  sample: z.int().nonnegative().optional(),
  attempts: z.int().positive().optional(),
  error: nullableText,
});

/**
 * One parsed item of a file as a row. Long fields are taken over when they are among `columns`.
 *
 * @throws ResultRowError naming the field.
 */
export function parseResultRow(
  path: string,
  index: number,
  value: unknown,
  columns: ReadonlySet<ResultColumn>,
): ResultRow {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) throw new ResultRowError(path, index, explain(parsed.error), parsed.error);
  const fields = value as Readonly<Record<string, unknown>>;
  const data = parsed.data;
  const kind = kindOf(fields);
  const prediction = kind === "ex" ? data.original_extracted : data.extracted_prediction;
  // A MATH row may have an extraction error and a verdict; an answer whose refinement failed has none, whatever the file says.
  const error = kind === "ex" ? data.error : undefined;
  const row: { -readonly [Field in keyof ResultRow]: ResultRow[Field] } = {
    kind,
    index,
    question: data.problem ?? data.question ?? null,
    sample: data.sample ?? 0,
    metrics: typeof error === "string" ? {} : metricsOf(fields),
    numTokens: data.num_tokens ?? null,
    isAnswered: prediction === undefined || (prediction !== null && prediction !== ""),
  };
  if (typeof error === "string") row.error = error;
  if (data.attempts !== undefined) row.attempts = data.attempts;
  const { ground_truth: answers, refined_answer: refined, raw_prediction: text, solution } = data;
  if (columns.has("answers") && answers !== undefined) row.answers = typeof answers === "string" ? [answers] : answers;
  if (columns.has("prediction") && prediction !== undefined) row.prediction = prediction;
  if (columns.has("refined") && typeof refined === "string") row.refined = refined;
  if (columns.has("text") && text !== undefined) row.text = text;
  if (columns.has("solution") && solution !== undefined) row.solution = solution;
  return row;
}

function kindOf(row: object): ResultKind {
  const has = (...names: string[]) => names.some((name) => Object.hasOwn(row, name));
  if (has("original_extracted", "refined_answer", "recalled")) return "ex";
  if (has("problem")) return "math";
  return has("question") && has("raw_prediction", "extracted_prediction", "exact_match", "recall") ? "qa" : "list";
}

function metricsOf(row: Readonly<Record<string, unknown>>): Partial<Record<ResultMetric, boolean>> {
  const metrics: Partial<Record<ResultMetric, boolean>> = {};
  for (const [metric, name] of RESULT_METRICS) {
    const value = metricValue(row, name);
    if (value !== undefined) metrics[metric] = value;
  }
  return metrics;
}

function explain(error: z.ZodError): string {
  const issue = error.issues[0];
  const field = issue?.path.join(".");
  return field ? `${field}: ${issue?.message}` : `it is no object: ${issue?.message}`;
}
