import { closeSync, openSync, readSync } from "node:fs";
import type { RowIndex } from "../row-index.js";
import { decodeLine } from "./line.js";
import { type AttemptRecord, parseRecord } from "./record.js";

/** Reads attempts back from a journal, one at a time, by what an index knows of where they stand. To be closed. */
export class JournalLookup {
  readonly #path: string;
  readonly #index: RowIndex;
  readonly #fd: number;

  constructor(path: string, index: RowIndex) {
    this.#path = path;
    this.#index = index;
    this.#fd = openSync(path, "r");
  }

  /** The last attempt at a row, which must have one. */
  attempt(row: number): AttemptRecord {
    const offset = this.#index.offsets[row]!;
    const line = Buffer.alloc(this.#index.lengths[row]!);
    readSync(this.#fd, line, 0, line.length, offset);
    const record = parseRecord(decodeLine(line));
    if (typeof record === "string" || record.type !== "attempt") {
      throw new Error(`${this.#path} was changed by someone else at byte ${offset} during the run`);
    }
    return record;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
