import { basename, dirname, join } from "node:path";
import { REFINE_PROMPT_VERSION, refinePrompt } from "@pka/grading";
import { ask } from "../ask.js";
import type { AskRow } from "../ask-rows.js";
import { checkNumber } from "../check-number.js";
import type { RefineCondition } from "../condition.js";
import { type AnswerLimits, estimateSpend, type SpendEstimate } from "../estimate.js";
import { checkHowAsked, type HowAsked } from "../how-asked.js";
import type { RecordedCompletion } from "../journal/record.js";
import { summarizeJournal } from "../journal/summarize-journal.js";
import { Ledger, type Spend } from "../ledger.js";
import { journalPathOf, modelAsRecorded } from "../open-run.js";
import { listPieces } from "../result/list-pieces.js";
import type { PythonJsonValue } from "../result/python-json.js";
import { writePieces } from "../result/write-pieces.js";
import { checkRunOptions, type RunOptions } from "../run-options.js";
import { runRows } from "../run-rows.js";
import { type AnswersToAsk, answersToAsk } from "./answers-to-ask.js";
import { readRefineSource } from "./refine-source.js";
import { type RefineSummary, summarizeRefinement } from "./refine-summary.js";
import { refinedAnswerOf, type RefinedRow, refinedRowFields, refinedRows } from "./refined-rows.js";

/** `model` is the judge. */
export interface RefineOptions extends HowAsked, RunOptions, RefineSelection {}

/** Which answers are refined, and where to. */
export interface RefineSelection {
  /** A QA result file of `evaluate` or of the paper. */
  readonly sourcePath: string;
  /** Made where it does not exist. Default: the folder of the source. */
  readonly outputDir?: string | undefined;
  /** Ask about no row before this one, 0-based. Default 0. */
  readonly startIndex?: number | undefined;
  /** Ask about equal answers once and let their rows share the reply. Default false: the paper's script asks every time. */
  readonly reuse?: boolean | undefined;
}

export interface RefineReport {
  /** `complete`: every answer that was not refined has been asked. `interrupted`: by one of the signals. `stopped`: see `stopReason`. */
  readonly status: "complete" | "interrupted" | "stopped";
  /** What went wrong, in words for the user. */
  readonly stopReason?: string;
  readonly sourcePath: string;
  readonly resultPath: string;
  /** `false` when nothing has finished yet, and after `abortSignal`: the file is then absent or as it was before. */
  readonly resultWritten: boolean;
  readonly journalPath: string;
  /** Requests that were answered when this process started. */
  readonly resumed: number;
  /** Attempts that finished in this process. */
  readonly asked: number;
  /** Of this file with all processes. */
  readonly spend: Spend;
  readonly summary: RefineSummary;
}

/**
 * Ex-Recall: have a judge make one answer of every extracted answer of a result file, and grade what it makes of them. Leaves the paper's
 * `ex_{name}.json`, with a journal beside it; the same call continues, as in `evaluate`. Answers that got a reply are never asked
 * again, failed ones are. The file has a row for every row of the source; one without a reply carries `error`. The judge stays open.
 *
 * @throws UsageError for options that cannot be, and for a source that is no QA result.
 * @throws ResultFileError, ResultRowError, ResumeRefusedError, JournalLockedError, JournalDamagedError, OutputError.
 * @see `Ex-Recall.py` of arXiv:2602.22193.
 */
export async function refine(options: RefineOptions): Promise<RefineReport> {
  checkHowAsked(options);
  checkRunOptions(options);
  const { sourcePath, thinking, sampling, reuse = false, abortSignal } = options;
  const { rows, fingerprint, asked } = await openSource(options);
  const { items } = asked;
  const resultPath = refinedPath(sourcePath, options.outputDir);
  const model = await modelAsRecorded(resultPath, options);
  const condition: RefineCondition = {
    judge: model.id,
    thinking,
    sampling: { temperature: sampling.temperature, topP: sampling.topP },
    settings: model.settings,
    refinePrompt: REFINE_PROMPT_VERSION,
    reuse,
  };
  const asking = {
    items,
    samples: 1,
    condition,
    fingerprint,
    ask: askOf({ ...options, model }, asked),
    nameOf: (item: number) => `row ${asked.itemOf.indexOf(item)}`,
    isWanted: (item: number) => items[item]!.isWanted,
    isLocal: model.isLocal ?? false,
  };

  return runRows({ ...options, ...asking, resultPath }, async ({ index, journalPath, ...end }) => {
    const refinement = { rows, asked, index, journalPath };
    const summary = summarizeRefinement(refinedRows(refinement));
    const hasReplies = summary.refined + summary.errors > 0 || items.length === 0;
    const resultWritten = hasReplies && !abortSignal?.aborted;
    if (resultWritten) await writePieces(resultPath, resultPieces(refinedRows(refinement)));
    return { ...end, sourcePath, resultPath, resultWritten, journalPath, summary };
  });
}

/** What {@link refine} would do with a file. */
export interface RefinePlan {
  readonly sourcePath: string;
  readonly resultPath: string;
  readonly rows: number;
  /** Rows from which nothing had been extracted. */
  readonly skipped: number;
  /** Answers to ask, those that have a reply included. */
  readonly requests: number;
  /** The part of `requests` that the journal has a reply for. */
  readonly answered: number;
  /** By earlier processes. */
  readonly spent: Spend;
  /** For the requests without a reply. */
  readonly estimate: SpendEstimate;
}

/**
 * Reads the file and its journal and asks nothing.
 *
 * @throws JournalDamagedError, and as {@link refine} does for the source.
 */
export async function planRefinement(
  selection: RefineSelection & Pick<RunOptions, "overwrite" | "price"> & { readonly limits?: AnswerLimits | undefined },
): Promise<RefinePlan> {
  const { sourcePath, outputDir, overwrite = false, price, limits = {} } = selection;
  const { rows, asked } = await openSource(selection);
  const resultPath = refinedPath(sourcePath, outputDir);
  const { ledger, isAnswered } = await summarizeJournal(journalPathOf(resultPath), price);
  const requests = asked.items.filter(({ isWanted }) => isWanted);
  const open = requests.filter(({ id }) => overwrite || !isAnswered(id, 0));
  const questions = open.map(({ extracted }) => ({ ...limits, promptCharacters: refinePrompt(extracted).length }));
  return {
    sourcePath,
    resultPath,
    rows: rows.length,
    skipped: rows.filter(({ extracted }) => extracted === "").length,
    requests: requests.length,
    answered: requests.length - open.length,
    spent: (overwrite ? new Ledger(price) : ledger).spend(),
    estimate: estimateSpend({ questions, answers: ledger, price }),
  };
}

async function openSource({ sourcePath, startIndex = 0, reuse = false }: RefineSelection) {
  checkNumber("startIndex", startIndex, (value) => Number.isSafeInteger(value) && value >= 0, "an integer ≥ 0");
  const { rows, fingerprint } = await readRefineSource(sourcePath);
  return { rows, fingerprint, asked: answersToAsk(rows, { reuse, startIndex }) };
}

/** `ex_{name}.json`, beside the source or in another folder. */
export function refinedPath(sourcePath: string, outputDir = dirname(sourcePath)): string {
  return join(outputDir, `ex_${basename(sourcePath).replace(/\.gz$/, "")}`);
}

function askOf({ model, thinking, sampling }: RefineOptions, { items }: AnswersToAsk): AskRow {
  return (item, attempt, signal) => {
    const { id, hash, extracted } = items[item]!;
    const request = { task: "prompt", question: refinePrompt(extracted), cues: false, thinking, sampling } as const;
    return ask({ model, request, row: { id, hash, sample: 0, attempt }, judge: outcomeOf, signal });
  };
}

function outcomeOf(completion: RecordedCompletion) {
  const { finishReason } = completion;
  if (finishReason === "refusal") return { outcome: "refused" } as const;
  const isCut = finishReason === "length";
  if (refinedAnswerOf(completion) === "") return { outcome: isCut ? "unparsed" : "empty" } as const;
  return { outcome: isCut ? "truncated" : "answered" } as const;
}

/** The bytes of Python's `json.dump(…, indent=2)`. */
function* resultPieces(rows: Iterable<RefinedRow>): Generator<string> {
  yield "{\n";
  yield* listPieces("results", fieldsOf(rows));
  yield "\n}";
}

function* fieldsOf(rows: Iterable<RefinedRow>): Generator<PythonJsonValue> {
  for (const row of rows) yield refinedRowFields(row);
}
