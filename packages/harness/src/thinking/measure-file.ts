import {
  type ContrastOptions,
  extractThinking,
  FORMATS,
  type ModelType,
  paperAverages,
  type PaperAverages,
  type PaperSample,
  paperThinking,
  summarizeThinking,
  type ThinkingSample,
  type ThinkingSummary,
} from "@pka/thinking-tokens";
import { z } from "zod";
import { metricValue } from "../result/metric-value.js";
import { readResultFile } from "../result/read-result-file.js";
import { ResultRowError } from "../result/result-row.js";

/** Options of `measureFile`. */
export interface MeasureFileOptions extends ContrastOptions {
  readonly modelType: ModelType;
  /** Length of a thought, in tokens or characters. */
  readonly lengthOf: (thought: string) => number;
  /** The file of refined answers, whose verdicts count row by row before the file's own. */
  readonly refinedPath?: string | undefined;
}

/** The thinking in one result file. */
export interface FileThinking {
  /** As the paper's script counts. */
  readonly averages: PaperAverages;
  /** What the averages hide. */
  readonly summary: ThinkingSummary;
  /** Rows without a completion; an empty one is counted for them. */
  readonly numWithoutText: number;
  /** Rows of the refined file: `missing` and `surplus` against the rows here, `otherQuestion` about something else. */
  readonly refined: { readonly missing: number; readonly surplus: number; readonly otherQuestion: number } | null;
}

const rowSchema = z.looseObject({
  raw_prediction: z.string().nullish(),
  question: z.string().nullish(),
  problem: z.string().nullish(),
});
type Row = z.infer<typeof rowSchema>;

/**
 * How long the completions of a result file think, and how that relates to being right. The file is read as a stream.
 *
 * A row is right by the refined file's row at the same position, where that has one, else by its own `recall`, else `correct`.
 *
 * @throws ResultFileError, ResultRowError, OutputError for a file that cannot be read as one.
 */
export async function measureFile(path: string, options: MeasureFileOptions): Promise<FileThinking> {
  const { modelType, lengthOf, refinedPath } = options;
  const paper: PaperSample[] = [];
  const samples: ThinkingSample[] = [];
  let numWithoutText = 0;
  let [missing, otherQuestion] = [0, 0];

  let surplus = 0;
  const refined = refinedPath === undefined ? undefined : rowsOf(refinedPath);
  try {
    for await (const row of rowsOf(path)) {
      const next = await refined?.next();
      const refinedRow = next?.done === false ? next.value : undefined;
      if (refined !== undefined) {
        if (refinedRow === undefined) missing += 1;
        else if (refinedRow.question != null && questionOf(refinedRow) !== questionOf(row)) otherQuestion += 1;
      }
      const text = row.raw_prediction ?? "";
      if (row.raw_prediction == null) numWithoutText += 1;
      const verdict = refinedRow === undefined ? ownVerdict(row) : refinedVerdict(refinedRow);
      const thinking = extractThinking(text, FORMATS[modelType]);
      const length = lengthOf(thinking.text);
      // The same thought, or in the paper's counting none at all.
      const isCounted = paperThinking(text, modelType) === thinking.text;
      paper.push({ length: isCounted ? length : 0, isRecalled: verdict ?? false });
      samples.push({
        state: thinking.state,
        length,
        isRight: verdict ?? null,
        question: questionOf(row) ?? samples.length,
      });
    }
    if (refined !== undefined) for await (const _ of refined) surplus += 1;
  } finally {
    await refined?.return(undefined);
  }
  return {
    averages: paperAverages(paper),
    summary: summarizeThinking(samples, options),
    numWithoutText,
    refined: refined === undefined ? null : { missing, surplus, otherQuestion },
  };
}

async function* rowsOf(path: string): AsyncGenerator<Row> {
  for await (const { key, index, value } of readResultFile(path)) {
    if (key !== "results" || index === null) continue;
    const row = rowSchema.safeParse(value);
    if (row.success) yield row.data;
    else throw new ResultRowError(path, index, z.prettifyError(row.error), row.error);
  }
}

function questionOf({ question, problem }: Row): string | undefined {
  return problem ?? question ?? undefined;
}

function ownVerdict(row: Row): boolean | undefined {
  return metricValue(row, "recall") ?? metricValue(row, "correct");
}

/** None where the refinement failed or says nothing; the paper's script takes that for a wrong answer. */
function refinedVerdict(row: Row): boolean | undefined {
  const hasFailed = typeof row["error"] === "string" && row["error"] !== "";
  return hasFailed || !Object.hasOwn(row, "recalled") ? undefined : metricValue(row, "recalled");
}
