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

const text = z.string().nullish();

const rowSchema = z.looseObject({
  question: text,
  problem: text,
  ground_truth: z.union([z.array(z.string()), z.string()]).optional(),
  raw_prediction: text,
  extracted_prediction: text,
  original_extracted: text,
  refined_answer: text,
  solution: z.string().optional(),
  num_tokens: z.number().nullish(),
  sample: z.int().nonnegative().optional(),
  error: text,
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
  const row = parsed.data;
  const kind = kindOf(row);
  const prediction = kind === "ex" ? row.original_extracted : row.extracted_prediction;
  // A MATH row may have an extraction error and a verdict; an answer whose refinement failed has none, whatever the file says.
  const error = kind === "ex" ? (row.error ?? undefined) : undefined;
  const answers = typeof row.ground_truth === "string" ? [row.ground_truth] : row.ground_truth;
  const long: { -readonly [Column in ResultColumn]?: ResultRow[Column] | undefined } = {
    answers,
    prediction,
    refined: row.refined_answer ?? undefined,
    text: row.raw_prediction,
    solution: row.solution,
  };
  for (const column of RESULT_COLUMNS) {
    if (long[column] === undefined || !columns.has(column)) delete long[column];
  }
  return {
    kind,
    index,
    question: row.problem ?? row.question ?? null,
    sample: row.sample ?? 0,
    metrics: error === undefined ? metricsOf(row) : {},
    numTokens: row.num_tokens ?? null,
    isAnswered: prediction === undefined || (prediction !== null && prediction !== ""),
    ...(error === undefined ? {} : { error }),
    ...(long as Pick<ResultRow, ResultColumn>),
  };
}

function kindOf(row: z.infer<typeof rowSchema>): ResultKind {
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
