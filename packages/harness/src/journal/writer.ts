import { closeSync, constants, fdatasync, ftruncateSync, openSync, truncateSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { OutputError } from "../errors.js";
import { encodeLine } from "./line.js";
import type { JournalRecord } from "./record.js";

const SYNC_INTERVAL_MS = 1000;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * Appends records to one journal. Every record is handed to the operating system in one write before `append` returns, so the death
 * of the process loses none; what was written is synced to the disk once a second, so a power cut loses at most the last second.
 */
export class JournalWriter {
  readonly #path: string;
  readonly #fd: number;
  #end: number;
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;
  /** After this nothing more may be appended: the disk lost something, or the file ends in half a record that could not be cut. */
  #fault: unknown;

  /**
   * @param end - Length of the valid part of the file, which is cut to it; 0 for a new file.
   * @param lacksNewline - The valid part ends with a record whose newline was not written.
   * @throws OutputError
   */
  constructor(path: string, { end, lacksNewline }: { readonly end: number; readonly lacksNewline: boolean }) {
    this.#path = path;
    this.#end = end;
    try {
      this.#fd = openSync(path, APPEND, 0o666);
      this.#cut();
      if (lacksNewline) this.#end += writeSync(this.#fd, "\n");
    } catch (error) {
      throw new OutputError(path, "cannot open the journal for writing", error);
    }
  }

  /**
   * @returns Where the record stands: offset and length in bytes, newline not included.
   * @throws OutputError when it cannot be written. The file then ends with the last complete record and further calls may succeed.
   */
  append(record: JournalRecord): { readonly offset: number; readonly length: number } {
    const line = encodeLine(record);
    const offset = this.#end;
    try {
      if (this.#fault !== undefined) throw this.#fault;
      // A full disk takes a part of a write and reports the error only on the next.
      for (let written = 0; written < line.length;) written += writeSync(this.#fd, line, written);
    } catch (error) {
      try {
        this.#cut();
      } catch (cutError) {
        this.#fault = cutError;
      }
      throw new OutputError(
        this.#path,
        `cannot append a record of ${line.length} bytes (those before it are safe, and the same call continues)`,
        error,
      );
    }
    this.#end += line.length;
    this.#timer ??= setTimeout(() => this.#startSync(), SYNC_INTERVAL_MS).unref();
    return { offset, length: line.length - 1 };
  }

  /** Sync what was written and close the file. @throws OutputError when the disk did not take it. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#syncing;
      if (this.#fault !== undefined) throw this.#fault;
      await promisify(fdatasync)(this.#fd);
    } catch (error) {
      throw new OutputError(this.#path, "cannot sync the journal to the disk", error);
    } finally {
      closeSync(this.#fd);
    }
  }

  #startSync(): void {
    this.#timer = undefined;
    this.#syncing = promisify(fdatasync)(this.#fd).catch((error: unknown) => {
      this.#fault = error;
    });
  }

  #cut(): void {
    // By path on Windows, where a handle opened for appending may not truncate.
    if (process.platform === "win32") truncateSync(this.#path, this.#end);
    else ftruncateSync(this.#fd, this.#end);
  }
}
