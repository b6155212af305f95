import type { Outcome } from "@pka/core";
import { type Condition, readJournal } from "@pka/harness";

/** What the journal of a run adds to its result file. */
export interface JournalOutcomes {
  readonly condition: Condition | null;
  /** Of the rows in `results`, in their order. */
  readonly graded: readonly Exclude<Outcome, "error">[];
}

interface LastAttempt {
  readonly index: number;
  readonly sample: number;
  readonly outcome: Outcome;
  readonly isGraded: boolean;
}

/**
 * The outcome of every row of a result file, from the journal that it was derived from: the last attempt at a row counts, and rows
 * stand in dataset order.
 *
 * @throws JournalDamagedError at the first line that is not what was written.
 */
export async function readJournalOutcomes(path: string): Promise<JournalOutcomes> {
  let condition: Condition | null = null;
  const attempts = new Map<string, LastAttempt>();
  for await (const record of readJournal(path)) {
    if (record.type === "header" && "dataset" in record.condition) condition = record.condition;
    if (record.type !== "attempt") continue;
    const { id, sample, outcome } = record;
    attempts.set(`${sample} ${id}`, {
      index: Number(id.slice(id.lastIndexOf("/") + 1)),
      sample,
      outcome,
      isGraded: record.completion !== undefined && record.verdict !== undefined,
    });
  }
  const rows = [...attempts.values()].toSorted((a, b) => a.index - b.index || a.sample - b.sample);
  return {
    condition,
    graded: rows.flatMap(({ isGraded, outcome }) => (isGraded && outcome !== "error" ? [outcome] : [])),
  };
}
