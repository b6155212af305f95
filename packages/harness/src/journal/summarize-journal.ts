import { existsSync } from "node:fs";
import type { Price } from "../cost.js";
import { Ledger } from "../ledger.js";
import { readJournal } from "./read.js";

/** What a journal tells of a run that goes on. */
export interface JournalSummary {
  readonly ledger: Ledger;
  /** A row has an answer, so it will not be asked again. */
  readonly isAnswered: (id: string, sample: number) => boolean;
}

/** Of a file that is not there: nothing spent, nothing answered. @throws JournalDamagedError, or what reading throws. */
export async function summarizeJournal(path: string, price?: Price): Promise<JournalSummary> {
  const ledger = new Ledger(price);
  const answered = new Set<string>();
  if (existsSync(path)) {
    for await (const record of readJournal(path)) {
      if (record.type === "start") ledger.start(record);
      if (record.type !== "attempt") continue;
      ledger.finish(record);
      if (record.outcome !== "error") answered.add(`${record.sample} ${record.id}`);
    }
  }
  return { ledger, isAnswered: (id, sample) => answered.has(`${sample} ${id}`) };
}
