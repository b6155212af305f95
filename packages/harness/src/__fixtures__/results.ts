import type { ResultRows } from "../result/read-result-rows.js";
import type { ResultKind, ResultRow } from "../result/result-row.js";

/** Results in memory, as `readResultRows` gives them. */
export function resultsOf(
  path: string,
  rows: readonly (Partial<ResultRow> & { question: string | null })[],
  more: { readonly kind?: ResultKind; readonly errors?: ResultRows["errors"] } = {},
): ResultRows {
  const { kind = "qa", errors = [] } = more;
  return {
    path,
    kind,
    numRows: rows.length,
    errors,
    skippedLines: { count: 0, lines: [] },
    rows: rows.map((row, index) => ({
      kind,
      index,
      sample: 0,
      metrics: {},
      numTokens: null,
      isAnswered: true,
      ...row,
    })),
  };
}

/** `q0` …, recalled where the letter is `+`, not where it is `-`, without a verdict where it is `?`. */
export function recallsOf(path: string, verdicts: string): ResultRows {
  return resultsOf(
    path,
    Array.from(verdicts, (letter, index) => ({
      question: `q${index}`,
      metrics: letter === "?" ? {} : { recall: letter === "+" },
    })),
  );
}
