import { z } from "zod";
import { ResultFileError } from "./object-splitter.js";
import {
  parseResultRow,
  RESULT_COLUMNS,
  RESULT_METRICS,
  type ResultColumn,
  type ResultKind,
  type ResultMetric,
  type ResultRow,
  ResultRowError,
} from "./result-row.js";
import { type RowEntry, scanRows } from "./scan-rows.js";

/** What a file says besides its rows. */
export interface ResultFileInfo {
  readonly path: string;
  /** Of the first row that is not of kind `list`. */
  readonly kind: ResultKind;
  readonly numRows: number;
  /** The file's own list of errors. In QA such a question has no row; in MATH it may have one. */
  readonly errors: readonly ResultFileErrorEntry[];
  /** Lines of a JSON Lines file that are not JSON and were skipped. */
  readonly skippedLines: { readonly count: number; /** 1-based; at most 100. */ readonly lines: readonly number[] };
  /** Rows that the file says it is about, answered or not: `total_questions` or `total_problems` of its aggregates. */
  readonly total?: number;
  /** What `pka eval` adds to the paper's fields; absent in the paper's own files. */
  readonly pka?: PkaTrailer;
}

export interface ResultFileErrorEntry {
  readonly question: string | null;
  readonly message: string;
}

export interface PkaTrailer {
  readonly conditionHash: string;
  readonly status: string;
  /** Draws per question. */
  readonly samples: number;
  /** Rows that the run has, answered or not. */
  readonly total: number;
  /** Rows per outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Successes among the rows whose outcome is `answered`. */
  readonly successesOfCompleted: Readonly<Partial<Record<ResultMetric, number>>>;
}

/** A result file in memory. */
export interface ResultRows extends ResultFileInfo {
  readonly rows: readonly ResultRow[];
}

export interface ReadResultOptions {
  /** The long fields to take over; all by default. Name few and memory stays small whatever the size of the file. */
  readonly columns?: readonly ResultColumn[];
}

/**
 * The rows of whatever the paper's tools or ours leave: result files of QA and MATH, `ex_` files, a bare JSON list, JSON lines;
 * also gzipped. `{ columns: [] }` keeps the questions and verdicts only: files of any size fit.
 *
 * @throws ResultFileError naming the byte at which the file stops being JSON. @throws ResultRowError naming row and field.
 * @throws OutputError when the file cannot be read.
 * @example (await readResultRows("ex_nq_gpt52_no_cues.json", { columns: [] })).rows.filter((row) => row.metrics.recall).length
 */
export async function readResultRows(path: string, options: ReadResultOptions = {}): Promise<ResultRows> {
  const rows: ResultRow[] = [];
  const info = await forEachResultRow(path, (row) => rows.push(row), options);
  return { ...info, rows };
}

/** As {@link readResultRows}, but hands each row over instead of keeping it. */
export async function forEachResultRow(
  path: string,
  onRow: (row: ResultRow) => void,
  options: ReadResultOptions = {},
): Promise<ResultFileInfo> {
  const columns = new Set(options.columns ?? RESULT_COLUMNS);
  const errors: ResultFileErrorEntry[] = [];
  let kind: ResultKind = "list";
  let numRows = 0;
  let skippedLines: ResultFileInfo["skippedLines"] = { count: 0, lines: [] };
  let total: number | undefined;
  let pka: PkaTrailer | undefined;
  const take = (entry: RowEntry) => {
    if (entry.type === "skipped") skippedLines = { count: entry.count, lines: entry.lines };
    else if (entry.type === "row") takeRow(entry.value);
    else if (entry.key === "errors") errors.push(errorEntry(entry.value));
    else if (entry.key === "aggregate_metrics") total = totalOf(entry.value);
    else if (entry.key === "pka") pka = pkaTrailer(entry.value);
    else if (entry.key === "results") throw new ResultFileError(path, 0, "results is not a list");
  };
  const takeRow = (value: unknown) => {
    if (numRows === 0) refuseJournal(path, value);
    const row = parseResultRow(path, numRows, value, columns);
    if (kind === "list") kind = row.kind;
    else if (row.kind !== "list" && row.kind !== kind) {
      throw new ResultRowError(path, numRows, `a row of kind ${row.kind} among rows of kind ${kind}`);
    }
    numRows += 1;
    onRow(row);
  };
  for await (const entries of scanRows(path)) entries.forEach(take);
  return {
    path,
    kind,
    numRows,
    errors,
    skippedLines,
    ...(total === undefined ? {} : { total }),
    ...(pka === undefined ? {} : { pka }),
  };
}

const journalHeader = z.object({ type: z.literal("header"), conditionHash: z.string() });

function refuseJournal(path: string, value: unknown): void {
  if (!journalHeader.safeParse(value).success) return;
  throw new ResultFileError(path, 0, "this is the journal of a run; give the .json file beside it");
}

const errorSchema = z.object({
  question: z.string().nullish(),
  problem: z.string().nullish(),
  error: z.string().nullish(),
});

function errorEntry(value: unknown): ResultFileErrorEntry {
  const parsed = errorSchema.safeParse(value);
  if (!parsed.success) return { question: null, message: JSON.stringify(value) };
  const { question, problem, error } = parsed.data;
  return { question: problem ?? question ?? null, message: error ?? "" };
}

const aggregateSchema = z.object({
  total_questions: z.int().nonnegative().optional(),
  total_problems: z.int().nonnegative().optional(),
});

function totalOf(value: unknown): number | undefined {
  const { data } = aggregateSchema.safeParse(value);
  return data?.total_questions ?? data?.total_problems;
}

const trailerSchema = z.object({
  condition_hash: z.string(),
  status: z.string(),
  samples: z.number(),
  total: z.number(),
  outcomes: z.record(z.string(), z.number()),
  metrics: z.record(z.string(), z.object({ successes_of_completed: z.number() })).default({}),
});

/** `undefined` for a trailer of another format: what it says is not needed to read the rows. */
function pkaTrailer(value: unknown): PkaTrailer | undefined {
  const parsed = trailerSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { condition_hash: conditionHash, metrics, ...rest } = parsed.data;
  const successesOfCompleted: Partial<Record<ResultMetric, number>> = {};
  for (const [metric, name] of RESULT_METRICS) {
    // What a row of MATH calls `correct` is the run's `accuracy`.
    const { successes_of_completed: successes } = metrics[name === "correct" ? "accuracy" : name] ?? {};
    if (successes !== undefined) successesOfCompleted[metric] = successes;
  }
  return { conditionHash, ...rest, successesOfCompleted };
}
