import { closeSync, constants, fdatasync, ftruncateSync, openSync, truncateSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { OutputError } from "../errors.js";
import { encodeLine } from "./line.js";
import type { JournalRecord } from "./record.js";

const SYNC_INTERVAL_MS = 1000;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** More than this is written at once. */
const MAX_BATCH_BYTES = 2 ** 20;

/** Where a record stands: offset and length in bytes, newline not included. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

interface Pending {
  readonly line: Buffer;
  readonly written: (place: Place) => void;
  readonly failed: (error: OutputError) => void;
}

/**
 * Appends records to one journal. Those of one turn of the event loop are handed to the operating system in one write, before the
 * promise of any of them is fulfilled: who awaits it before going on loses none when the process dies. What was written is synced to
 * the disk once a second, so a power cut loses at most the last second.
 */
export class JournalWriter {
  readonly #path: string;
  readonly #fd: number;
  #end: number;
  #batch: Pending[] = [];
  #batchBytes = 0;
  #turnEnd: NodeJS.Immediate | undefined;
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
   * Fulfilled when the record is written.
   *
   * @throws RangeError when it is too large · OutputError when it cannot be written. The file then ends with the last complete record
   * and further calls may succeed.
   */
  async append(record: JournalRecord): Promise<Place> {
    const line = encodeLine(record);
    return new Promise((written, failed) => {
      this.#batch.push({ line, written, failed });
      this.#batchBytes += line.length;
      if (this.#batchBytes > MAX_BATCH_BYTES) this.#flush();
      else this.#turnEnd ??= setImmediate(() => this.#flush());
    });
  }

  /** Write what waits, sync what was written and close the file. @throws OutputError when the disk did not take it. */
  async close(): Promise<void> {
    this.#flush();
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

  #flush(): void {
    clearImmediate(this.#turnEnd);
    this.#turnEnd = undefined;
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#batchBytes = 0;
    try {
      let offset = this.#write(Buffer.concat(batch.map(({ line }) => line)));
      for (const { line, written } of batch) {
        written({ offset, length: line.length - 1 });
        offset += line.length;
      }
    } catch {
      for (const pending of batch) this.#writeOne(pending);
    }
  }

  /** One record of a batch that the disk did not take as a whole. */
  #writeOne({ line, written, failed }: Pending): void {
    try {
      written({ offset: this.#write(line), length: line.length - 1 });
    } catch (error) {
      const problem = `cannot append a record of ${line.length} bytes (those before it are safe, and the same call continues)`;
      failed(new OutputError(this.#path, problem, error));
    }
  }

  /** All of `bytes` or nothing. @returns Where they begin. */
  #write(bytes: Buffer): number {
    const offset = this.#end;
    try {
      if (this.#fault !== undefined) throw this.#fault;
      // A full disk takes a part of a write and reports the error only on the next.
      for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      try {
        this.#cut();
      } catch (cutError) {
        this.#fault = cutError;
      }
      throw error;
    }
    this.#end += bytes.length;
    this.#timer ??= setTimeout(() => this.#startSync(), SYNC_INTERVAL_MS).unref();
    return offset;
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
