import { errorCode } from "@pka/core";
import { OutputError } from "./errors.js";
import type { RowIndex } from "./row-index.js";

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** An error that says that there is no room, with how much the rest of the run will take; any other error as it is. */
export function withSpaceNeeded(error: unknown, index: RowIndex): unknown {
  if (!(error instanceof OutputError) || !FULL.has(errorCode(error.cause) ?? "")) return error;
  let recorded = 0;
  let bytes = 0;
  let toAsk = 0;
  for (let row = 0; row < index.numRows; row++) {
    if (!index.isDone(row)) toAsk += 1;
    const length = index.lengths[row]!;
    if (length === 0) continue;
    recorded += 1;
    bytes += length;
  }
  const cure = "Make room, then the same call goes on";
  if (recorded === 0) return new OutputError(error.path, error.what, error.cause, cure);
  // A row takes about as much in the result file, which is written beside the old one, as in the journal.
  const needed = (bytes / recorded) * (toAsk + index.numRows);
  const advice = `${cure}: about ${size(needed)} for ${toAsk} rows to be asked and the result file`;
  return new OutputError(error.path, error.what, error.cause, advice);
}

function size(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
