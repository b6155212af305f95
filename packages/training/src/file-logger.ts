import { closeSync, openSync, writeSync } from "node:fs";
import type { Logger } from "@pka/core";

/** Writes messages to a file, with their time, and hands them on. */
export class FileLogger implements Logger {
  readonly #file: number;
  readonly #next: Logger;

  constructor(path: string, next: Logger) {
    this.#file = openSync(path, "a");
    this.#next = next;
  }

  info(message: string): void {
    this.#write("INFO", message);
    this.#next.info(message);
  }

  warn(message: string): void {
    this.#write("WARNING", message);
    this.#next.warn(message);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(level: string, message: string): void {
    writeSync(this.#file, `${new Date().toISOString()} [${level}] ${message}\n`);
  }
}
