import { readFileSync } from "node:fs";
import { readJournal } from "../journal/read.js";
import type { AttemptRecord } from "../journal/record.js";
import { collect } from "./run.js";

/** The result file that a run left, parsed. */
export function resultOf({ resultPath }: { readonly resultPath: string }) {
  return JSON.parse(readFileSync(resultPath, "utf8"));
}

/** The attempts in the journal that a run left, in the order in which they finished. */
export async function attemptsOf({ journalPath }: { readonly journalPath: string }): Promise<AttemptRecord[]> {
  return (await collect(readJournal(journalPath))).filter((record) => record.type === "attempt");
}
