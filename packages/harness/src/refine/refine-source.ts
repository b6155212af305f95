import { createHash } from "node:crypto";
import { basename } from "node:path";
import { UsageError } from "@pka/core";
import type { Fingerprint } from "../journal/record.js";
import { readResultRows } from "../result/read-result-rows.js";
import { type ResultRow, ResultRowError } from "../result/result-row.js";

/** One answer of a result file, to be refined. */
export interface AnswerRow {
  readonly question: string;
  /** `""` = nothing was extracted. */
  readonly extracted: string;
  /** Accepted answers. */
  readonly answers: readonly string[];
  /** Which draw of the question; only in files with several samples. */
  readonly sample?: number;
}

/** A QA result file as refinement sees it: the long texts are left out. */
export interface RefineSource {
  readonly rows: readonly AnswerRow[];
  readonly fingerprint: Fingerprint;
}

/**
 * The answers of a result file, in its order.
 *
 * @throws UsageError for a file of another kind: MATH, already refined answers, no rows.
 * @throws ResultFileError, ResultRowError, OutputError naming byte, or row and field.
 */
export async function readRefineSource(path: string): Promise<RefineSource> {
  const { kind, rows } = await readResultRows(path, { columns: ["answers", "prediction"] });
  if (rows.length === 0) throw new UsageError(`${path}: it holds no rows, so there is nothing to refine`);
  if (kind !== "qa") throw new UsageError(`${path}: ${whyNot(kind)}`);
  const hasSamples = rows.some(({ sample }) => sample > 0);
  const answerRows = rows.map((row) => ({
    question: present(path, row, "question"),
    extracted: present(path, row, "prediction"),
    answers: present(path, row, "answers"),
    ...(hasSamples && { sample: row.sample }),
  }));
  const sha256 = createHash("sha256");
  for (const row of answerRows) sha256.update(JSON.stringify(row));
  return {
    rows: answerRows,
    fingerprint: {
      source: basename(path),
      revision: null,
      sha256: sha256.digest("hex"),
      numRows: rows.length,
    },
  };
}

/** Why a file of this kind is not refined. */
export function whyNot(kind: Exclude<ResultRow["kind"], "qa">): string {
  if (kind === "math") return "a MATH result: only short answers are refined";
  if (kind === "ex") return "its answers are refined already; give the result file that it was made from";
  return "not a QA result: rows with question, extracted_prediction and ground_truth are needed";
}

const NAMES = { question: "question", prediction: "extracted_prediction", answers: "ground_truth" } as const;

function present<Field extends keyof typeof NAMES>(
  path: string,
  row: ResultRow,
  field: Field,
): NonNullable<ResultRow[Field]> {
  const value = row[field];
  if (value == null) throw new ResultRowError(path, row.index, `${NAMES[field]} is missing`);
  return value;
}
