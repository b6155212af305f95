import { createHash } from "node:crypto";

/** What identifies a list of rows: their number, and a sha256 over their JSON in order. */
export function dataFingerprint(rows: Iterable<unknown>): { readonly sha256: string; readonly num_rows: number } {
  const hash = createHash("sha256");
  let count = 0;
  for (const row of rows) {
    hash.update(JSON.stringify(row)).update("\n");
    count += 1;
  }
  return { sha256: hash.digest("hex"), num_rows: count };
}
