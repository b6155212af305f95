import type { JournalRepair, LostStretch, RebuiltResult } from "@pka/harness";
import { count } from "./format.js";
import { printJson } from "./print-json.js";
import { printable } from "./stderr.js";

const SHOWN = 20;

/** What became of one journal, and of its result file where that was asked for. */
export interface RepairedFile extends JournalRepair {
  readonly result: RebuiltResult | null;
}

/** Repairs to stdout: sentences for people, or one JSON document of a stable schema. */
export function printRepairs(files: readonly RepairedFile[], { json }: { readonly json?: true }): void {
  if (json) {
    printJson({ schema: 1, command: "repair", files });
    return;
  }
  for (const file of files) {
    console.log(printable(`${file.journalPath}: ${conclusion(file)}`));
    for (const stretch of file.lost.slice(0, SHOWN)) console.log(printable(`  lost: ${described(stretch)}`));
    if (file.lost.length > SHOWN) console.log(`  lost: ${count(file.lost.length - SHOWN)} more places, see --json`);
    if (file.tornBytes > 0) console.log(`  cut: ${count(file.tornBytes)} bytes of an unfinished last line`);
    if (file.hasHeaderFromElsewhere) console.log("  its header is the one of the other journal");
    if (file.backupPath !== null) console.log(printable(`  the old file: ${file.backupPath}`));
    if (file.result !== null) {
      const { resultPath, status, summary } = file.result;
      console.log(
        printable(`${resultPath}: written anew, ${status}, ${rows(summary.finished)} of ${count(summary.total)}`),
      );
    }
  }
}

function conclusion({ status, attempts, lost }: JournalRepair): string {
  if (status === "sound") return `sound, ${count(attempts)} attempts`;
  const places = lost.length === 1 ? "1 place" : `${count(lost.length)} places`;
  const kept = `${count(attempts)} attempts ${status === "repaired" ? "kept" : "can be kept"}`;
  return `${status}, ${kept}, ${lost.length === 0 ? "nothing lost" : `${places} lost`}`;
}

function described({ offset, length, line, problem, rows: ids }: LostStretch): string {
  const named = ids.length === 0 ? "" : `; rows ${ids.slice(0, SHOWN).join(", ")}${ids.length > SHOWN ? ", …" : ""}`;
  return `${count(length)} bytes at ${offset} (line ${line}): the line ${problem}${named}`;
}

function rows(number: number): string {
  return number === 1 ? "1 row" : `${count(number)} rows`;
}
