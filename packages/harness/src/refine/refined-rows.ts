import type { FinishReason } from "@pka/core";
import { extractRefinedAnswer, gradeRefinedAnswer } from "@pka/grading";
import { JournalLookup } from "../journal/lookup.js";
import type { AttemptRecord, RecordedCompletion } from "../journal/record.js";
import type { PythonJsonValue } from "../result/python-json.js";
import type { RowIndex } from "../row-index.js";
import type { AnswersToAsk } from "./answers-to-ask.js";
import type { AnswerRow } from "./refine-source.js";

/** What has become of one row. */
export type RefinedRow = AnswerRow & {
  /** 0-based position in the file. */
  readonly index: number;
  /** Ex-Recall; `false` for a row that is not refined. */
  readonly recalled: boolean;
} & (
    | { readonly state: "skipped" }
    | {
        readonly state: "refined";
        readonly refined: string;
        readonly finishReason: FinishReason;
        /** The reply was given to an earlier row with the same answer. */
        readonly isReused: boolean;
      }
    | { readonly state: "error" | "not-asked"; readonly error: string }
  );

const NOT_ASKED = "not asked yet";

/** Every row of the source with what the journal says of it, graded, in the order of the source. */
export function* refinedRows(options: {
  readonly rows: readonly AnswerRow[];
  readonly asked: AnswersToAsk;
  readonly index: RowIndex;
  readonly journalPath: string;
}): Generator<RefinedRow> {
  const { rows, asked, index, journalPath } = options;
  const journal = new JournalLookup(journalPath, index);
  const seen = new Uint8Array(asked.items.length);
  try {
    for (const [position, answer] of rows.entries()) {
      const item = asked.itemOf[position]!;
      const attempt = item === -1 || index.outcome(item) === undefined ? undefined : journal.attempt(item);
      const isReused = item !== -1 && seen[item] === 1;
      if (item !== -1) seen[item] = 1;
      yield { ...answer, index: position, ...stateOf(answer, attempt, isReused) };
    }
  } finally {
    journal.close();
  }
}

type State<Row> = Row extends unknown ? Omit<Row, keyof AnswerRow | "index"> : never;

function stateOf(answer: AnswerRow, attempt: AttemptRecord | undefined, isReused: boolean): State<RefinedRow> {
  const { extracted, answers } = answer;
  if (extracted === "") return { state: "skipped", recalled: false };
  if (attempt === undefined) return { state: "not-asked", recalled: false, error: NOT_ASKED };
  const { completion, error } = attempt;
  if (completion === undefined) return { state: "error", recalled: false, error: error?.message ?? "no reply" };
  const refined = refinedAnswerOf(completion);
  const { recalled } = gradeRefinedAnswer({ extracted, refined, answers });
  return { state: "refined", refined, finishReason: completion.finishReason, isReused, recalled };
}

/** The refined answer in a judge's completion: what it wrote after thinking, where the thinking shows. */
export function refinedAnswerOf({ text, answer }: RecordedCompletion): string {
  return extractRefinedAnswer(answer ?? text ?? "");
}

/** The row as the paper's file has it: `error` stands in the place of `skipped` where no refined answer could be had. */
export function refinedRowFields(row: RefinedRow): PythonJsonValue {
  return {
    question: row.question,
    original_extracted: row.extracted,
    refined_answer: row.state === "refined" ? row.refined : "",
    ground_truth: row.answers,
    recalled: row.recalled,
    ...("error" in row ? { error: row.error } : { skipped: row.state === "skipped" }),
    ...(row.sample !== undefined && { sample: row.sample }),
  };
}
