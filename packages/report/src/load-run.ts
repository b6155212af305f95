import { basename } from "node:path";
import { messageOf } from "@pka/core";
import { forEachResultRow, type ResultFileInfo, type ResultRow } from "@pka/harness";
import { countCharacters } from "@pka/thinking-tokens";
import type { AnswerStore, RunAnswers } from "./answer-store.js";
import { nameBelow, type ResultFileSet } from "./find-report-files.js";
import { type LoadedRow, type LoadedRun, questionKey } from "./loaded-run.js";
import { type JournalOutcomes, readJournalOutcomes } from "./read-journal-outcomes.js";
import type { ReportMetric, ReportProblem } from "./report-data.js";
import { parseRunName, type RunName } from "./run-name.js";
import { type SplitCompletion, splitCompletion } from "./split-completion.js";

/** Models whose thinking ends in `</think>` but does not begin with a mark. */
const UNMARKED_THINKERS = /olmo|r1qwen/;

interface RefinedRow {
  readonly refined: string | null;
  readonly isRecalled: boolean | undefined;
}

export interface LoadRunOptions {
  readonly folder: string;
  readonly files: ResultFileSet;
  /** `null` keeps no texts. */
  readonly store: AnswerStore | null;
  /** Takes what could not be used of the files beside. */
  readonly onProblem: (problem: ReportProblem) => void;
}

/**
 * Read one result file with what lies beside it: verdicts and lengths are returned, texts go to the store row by row.
 *
 * @returns `null` for a JSON file that holds no graded rows: it is none of ours.
 * @throws ResultFileError, ResultRowError, OutputError when the result file itself cannot be used.
 */
export async function loadRun(options: LoadRunOptions): Promise<LoadedRun | null> {
  const { folder, files, store } = options;
  const path = files.base ?? files.refined!;
  const file = nameBelow(folder, path);
  const note = (at: string, message: string, severity: ReportProblem["severity"] = "error") =>
    options.onProblem({ file: nameBelow(folder, at), message, severity });

  const refined = files.base === null ? null : await optional(files.refined, readRefined, note);
  const journal = files.base === null ? null : await optional(files.journal, readJournalOutcomes, note);
  const name = nameOf(parseRunName(basename(path)), journal?.condition ?? null);

  const rows: LoadedRow[] = [];
  const answers = store?.openRun(name.dataset);
  const drop = () => answers && store!.drop(answers);
  const hasSamples = new Set<number>();
  const info = await forEachResultRow(path, (row) => {
    hasSamples.add(row.sample);
    rows.push(take(row, { name, answers, refined, outcome: journal?.graded[row.index] }));
  }).catch((error: unknown) => {
    drop();
    throw error;
  });
  const isOurs = rows.some(({ verdicts }) => Object.keys(verdicts).length > 0) || info.errors.length > 0;
  if (!isOurs) {
    drop();
    return null;
  }
  if (journal !== null && journal.graded.length !== rows.length) {
    note(
      files.journal!,
      `holds ${journal.graded.length} graded rows, ${file} holds ${rows.length}: outcomes may stand at the wrong rows; run the same pka eval command again to bring them together`,
      "note",
    );
  }
  if (info.skippedLines.count > 0) {
    note(
      path,
      `${info.skippedLines.count} lines are not JSON and were skipped, the first at line ${info.skippedLines.lines[0]}`,
    );
  }
  const numErrors = addErrors(info, answers);
  answers?.close();
  return {
    file,
    name,
    step: null,
    task: info.kind === "math" ? "math" : "qa",
    refinedFile: refined === null ? null : nameBelow(folder, files.refined!),
    journalFile: journal === null ? null : nameBelow(folder, files.journal!),
    samples: info.pka?.samples ?? hasSamples.size,
    total: Math.max(info.pka?.total ?? info.total ?? 0, rows.length + numErrors),
    numErrors,
    rows,
  };
}

function take(
  row: ResultRow,
  context: {
    readonly name: RunName;
    readonly answers: RunAnswers | undefined;
    readonly refined: ReadonlyMap<string, RefinedRow[]> | null;
    readonly outcome: LoadedRow["outcome"] | undefined;
  },
): LoadedRow {
  const { name, answers } = context;
  const question = row.question ?? `row ${row.index}`;
  const key = questionKey(question, row.sample);
  const text = row.text ?? row.prediction ?? "";
  // A file of refined answers alone holds extractions, not what the model wrote.
  const split: SplitCompletion =
    row.kind === "ex"
      ? { thinking: null, answer: text, isOpen: false }
      : splitCompletion(text, name.thinking === true && UNMARKED_THINKERS.test(name.model));
  const refined =
    row.kind === "ex"
      ? { refined: row.refined ?? null, isRecalled: row.metrics.recall }
      : context.refined?.get(key)?.shift();
  const verdicts = verdictsOf(row, refined);
  const outcome = context.outcome ?? inferOutcome(row, text, split);
  answers?.add({
    key,
    question,
    gold: row.answers ?? (row.solution === undefined ? [] : [row.solution]),
    outcome,
    verdicts,
    numTokens: row.numTokens,
    thinking: split.thinking,
    answer: split.answer,
    prediction: row.prediction ?? null,
    refined: refined?.refined ?? null,
  });
  return {
    key,
    question,
    outcome,
    verdicts,
    numTokens: row.numTokens,
    ...(row.attempts !== undefined && { isRetried: row.attempts > 1 }),
    // Stray marks of a run without thinking are no distribution.
    thinkingLength: split.thinking === null || name.thinking === false ? null : countCharacters(split.thinking),
  };
}

function verdictsOf(row: ResultRow, refined: RefinedRow | undefined): Partial<Record<ReportMetric, boolean>> {
  const { recall, exactMatch, correct } = row.metrics;
  const isRefinedFile = row.kind === "ex";
  return {
    ...(recall === undefined || isRefinedFile ? {} : { recall }),
    ...(exactMatch === undefined ? {} : { exactMatch }),
    ...(refined?.isRecalled === undefined ? {} : { refinedRecall: refined.isRecalled }),
    ...(correct === undefined ? {} : { accuracy: correct }),
  };
}

/** What the text itself tells, where no journal does. A cut answer looks like a whole one. */
function inferOutcome(row: ResultRow, text: string, { isOpen, answer }: SplitCompletion): LoadedRow["outcome"] {
  if (row.kind === "ex") return row.isAnswered ? "answered" : "unparsed";
  if (text.trim() === "") return "empty";
  if (isOpen && answer === "") return "truncated-thinking";
  return row.kind === "math" && !row.isAnswered ? "unparsed" : "answered";
}

/** Errors of QA have no row; in MATH only those whose problem has none count, each once. */
function addErrors(info: ResultFileInfo, answers: RunAnswers | undefined): number {
  let numErrors = 0;
  for (const [i, { question, message }] of info.errors.entries()) {
    if (/^(?:pred|gt)_extraction: /.test(message)) continue;
    numErrors += 1;
    const name = question ?? `error ${i}`;
    answers?.add({
      key: questionKey(name, 0),
      question: name,
      gold: [],
      outcome: "error",
      verdicts: {},
      numTokens: null,
      thinking: null,
      answer: message,
      prediction: null,
      refined: null,
    });
  }
  return numErrors;
}

/** The k-th refined answer of a question belongs to its k-th row, which in files of equal order is the row beside it. */
async function readRefined(path: string): Promise<Map<string, RefinedRow[]>> {
  const rows = new Map<string, RefinedRow[]>();
  await forEachResultRow(
    path,
    (row) => {
      const key = questionKey(row.question ?? `row ${row.index}`, row.sample);
      const known = rows.get(key) ?? [];
      known.push({ refined: row.refined ?? null, isRecalled: row.metrics.recall });
      rows.set(key, known);
    },
    { columns: ["refined"] },
  );
  return rows;
}

/** A file beside the result file: without it the report says less, so what is wrong with it is no end. */
async function optional<T>(
  path: string | null,
  read: (path: string) => Promise<T>,
  note: (path: string, message: string) => void,
): Promise<T | null> {
  if (path === null) return null;
  try {
    return await read(path);
  } catch (error) {
    note(path, problemOf(error, path));
    return null;
  }
}

/** What is wrong with a file, without its path: it is named beside. */
export function problemOf(error: unknown, path: string): string {
  const message = messageOf(error);
  return message.replaceAll(path, basename(path)).replace(`${basename(path)}: `, "");
}

/** The journal knows; the name is read where there is none. */
function nameOf(name: RunName, condition: JournalOutcomes["condition"]): RunName {
  if (condition === null || name.cues !== null) return name;
  const { dataset, cues, thinking, checkpoint } = condition;
  return { dataset, model: condition.model, checkpoint: checkpoint?.name ?? null, cues, thinking };
}
