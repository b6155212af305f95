import type { ResultFileInfo } from "@pka/harness";
import type { Stderr } from "./stderr.js";

const SHOWN_LINES = 10;

/** What reading a file left out, on stderr. */
export function warnAboutFile({ path, skippedLines }: ResultFileInfo, stderr: Stderr): void {
  const { count, lines } = skippedLines;
  if (count === 0) return;
  const shown = lines.slice(0, SHOWN_LINES).join(", ");
  stderr.warn(
    `${path}: ${count === 1 ? "line" : `${count} lines:`} ${shown}${count > SHOWN_LINES ? ", …" : ""} not JSON, skipped`,
  );
}
