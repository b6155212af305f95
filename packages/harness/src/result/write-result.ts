import type { Example } from "@pka/core";
import { JournalLookup } from "../journal/lookup.js";
import type { RowIndex } from "../row-index.js";
import { specialTokensIn } from "../special-tokens.js";
import { aggregateMetrics } from "./aggregate-metrics.js";
import { listPieces } from "./list-pieces.js";
import { type PkaFields, pkaFields } from "./pka-fields.js";
import { pythonJson } from "./python-json.js";
import { errorEntries, errorRow, type OwnFields, resultRow, retryFields } from "./rows.js";
import { writePieces } from "./write-pieces.js";

export interface WriteResultOptions extends PkaFields {
  readonly path: string;
  readonly journalPath: string;
  readonly examples: readonly Example[];
  readonly index: RowIndex;
}

/**
 * Derive the result file from the journal: the bytes that Python's `json.dump(…, indent=2)` would write, rows in dataset order, the
 * paper's fields first and `pka` last. Rows are read back from the journal one at a time, so memory does not grow with the file.
 *
 * @throws OutputError when it cannot be written; an older file then stays as it was.
 */
export async function writeResult(options: WriteResultOptions): Promise<void> {
  await writePieces(options.path, resultPieces(options));
}

function* resultPieces(options: WriteResultOptions): Generator<string> {
  const { journalPath, examples, samples, index, summary } = options;
  const { aggregateMetrics: aggregates, trailer } = aggregateMetrics(summary.task, index);
  const exampleOf = (row: number) => examples[Math.floor(row / samples)]!;
  const ownFields = (row: number): OwnFields => {
    const specialTokens = specialTokensIn(exampleOf(row).question);
    return {
      ...(samples === 1 ? {} : { sample: row % samples }),
      ...(specialTokens.length === 0 ? {} : { special_tokens: specialTokens }),
      ...retryFields(index.earlierOutcomes(row)),
    };
  };
  const journal = new JournalLookup(journalPath, index);
  function* items() {
    for (const row of rowsWhere(index, (at) => index.isGraded(at))) {
      yield { ...resultRow(exampleOf(row), journal.attempt(row)), ...ownFields(row) };
    }
  }
  function* errors() {
    for (const row of rowsWhere(index, (at) => index.numErrorEntries[at]! > 0)) {
      for (const error of errorEntries(journal.attempt(row))) {
        yield { ...errorRow(exampleOf(row), error), ...ownFields(row) };
      }
    }
  }
  try {
    yield "{\n";
    yield* listPieces("results", items());
    yield `,\n  "aggregate_metrics": ${pythonJson(aggregates, 1)},\n`;
    yield* listPieces("errors", errors());
    for (const [key, value] of Object.entries({ ...trailer, pka: pkaFields(options) })) {
      yield `,\n  "${key}": ${pythonJson(value, 1)}`;
    }
    yield "\n}";
  } finally {
    journal.close();
  }
}

function* rowsWhere(index: RowIndex, holds: (row: number) => boolean): Generator<number> {
  for (let row = 0; row < index.numRows; row++) {
    if (holds(row)) yield row;
  }
}
