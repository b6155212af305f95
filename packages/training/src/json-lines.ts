import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, truncateSync, writeSync } from "node:fs";
import { RunFolderError } from "./errors.js";

/**
 * The objects of a JSON Lines file, `[]` where there is none. An unfinished last line, which a killed process leaves, is left out.
 *
 * @throws RunFolderError for a finished line that is no JSON object.
 */
export function readJsonLines(path: string): Record<string, unknown>[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  // What follows the last line feed was never finished.
  return lines.slice(0, -1).map((line, index) => {
    const value = parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new RunFolderError(path, `line ${index + 1} is no JSON object; repair or delete it`);
  });
}

function parse(line: string): unknown {
  try {
    // Python writes what is no number as NaN.
    return JSON.parse(line.replaceAll(/(?<=: ?)(NaN|-?Infinity)(?=[,}])/g, "null"));
  } catch {
    return undefined;
  }
}

/** Cut the unfinished last line that a killed process left, so that the file can be appended to. */
export function cutTornLine(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) truncateSync(path, end);
}

/** Replace a file in one step, so that it is never half written. */
export function writeFileAtomically(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, "w");
  try {
    writeFully(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Appends objects to a JSON Lines file. Each is in the operating system's hands when `append` returns. */
export class JsonLinesWriter {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** NaN and infinities become `null`. */
  append(value: object): void {
    writeFully(this.#file, `${JSON.stringify(value)}\n`);
  }

  /** Make what was appended survive a power cut. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function writeFully(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
