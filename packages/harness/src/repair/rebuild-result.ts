import type { Example } from "@pka/core";
import { type Condition, conditionHash } from "../condition.js";
import type { Price } from "../cost.js";
import { acquireLock } from "../journal/lock.js";
import { readJournal } from "../journal/read.js";
import type { Selection } from "../journal/record.js";
import { journalPathOf, openRun } from "../open-run.js";
import { writeResult } from "../result/write-result.js";
import { type EvaluationSummary, summarize } from "../summary.js";
import { RepairRefusedError } from "./errors.js";

/** Where `rebuildResult` finds the rows and the price. */
export interface RebuildOptions {
  /** All rows of a split, in the dataset's order. */
  readonly loadExamples: (dataset: string, split: string) => Promise<readonly Example[]>;
  /** What the model's tokens cost, as the run was told. Default: without a price. */
  readonly priceOf?: ((model: string) => Price | undefined) | undefined;
}

/** A result file that was written anew from its journal. */
export interface RebuiltResult {
  readonly resultPath: string;
  readonly status: "complete" | "interrupted";
  readonly summary: EvaluationSummary;
}

/**
 * Write the result file of an evaluation from its journal, without a model: for the rows that the last call asked for, byte for byte
 * what that call wrote or would have written.
 *
 * @param path - The result file, present or not, or the journal beside it.
 * @throws RepairRefusedError for a journal that lacks what is needed, such as one of `refine`: the same call of that rebuilds its file.
 * @throws JournalDamagedError, JournalLockedError, ResumeRefusedError when a row has changed since, OutputError, and what
 * `loadExamples` throws. The result file then is as it was.
 */
export async function rebuildResult(path: string, { loadExamples, priceOf }: RebuildOptions): Promise<RebuiltResult> {
  const resultPath = path.replace(/\.jsonl$/, ".json");
  const journalPath = journalPathOf(resultPath);
  const releaseLock = await acquireLock(`${journalPath}.lock`);
  try {
    const { condition, selection } = await readStart(journalPath);
    const all = await loadExamples(condition.dataset, condition.split);
    const { first, items, samples } = selection;
    const position = all.findIndex(({ id }) => id === first);
    const examples = position === -1 ? [] : all.slice(position, position + items);
    if (examples.length !== items) {
      throw new RepairRefusedError(journalPath, `${condition.dataset} has no ${items} rows from ${first} on here`);
    }

    const price = priceOf?.(condition.model);
    const { index, ledger } = await openRun({ journalPath, resultPath, condition, items: examples, samples, price });
    const summary = summarize(examples[0]!.task, index, samples);
    const status = summary.finished === summary.total ? "complete" : "interrupted";
    const pka = { conditionHash: conditionHash(condition), status, samples, summary, spend: ledger.spend() };
    await writeResult({ path: resultPath, journalPath, examples, index, ...pka });
    return { resultPath, status, summary };
  } finally {
    releaseLock();
  }
}

async function readStart(
  journalPath: string,
): Promise<{ readonly condition: Condition; readonly selection: Selection }> {
  let condition: Condition | undefined;
  let selection: Selection | undefined;
  for await (const record of readJournal(journalPath)) {
    if (record.type === "attempt" || record.type === "start") continue;
    selection = record.selection ?? selection;
    if (record.type !== "header") continue;
    if (!("dataset" in record.condition)) {
      throw new RepairRefusedError(
        journalPath,
        "it is one of refined answers: the same pka refine writes its file anew",
      );
    }
    condition = record.condition;
  }
  if (condition === undefined || selection === undefined) {
    throw new RepairRefusedError(
      journalPath,
      "it does not say which rows were asked: the same pka eval writes its file anew",
    );
  }
  return { condition, selection };
}
