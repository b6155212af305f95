import { PkaError } from "@pka/core";

/** A dataset file cannot be used as a whole: it is not there, corrupt, empty, too large, or lacks a column. */
export class DatasetFileError extends PkaError {
  readonly code = "dataset_file_invalid";
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}

/** One row of a dataset file is not what its dataset's rows are. Nothing of the file is used. */
export class DatasetRowError extends PkaError {
  readonly code = "dataset_row_invalid";
  readonly file: string;
  /** 1-based: the line of a JSONL file, or of text that is not UTF-8; elsewhere the row, a CSV's header not counted. */
  readonly row: number;
  /** Such as `answer.normalized_aliases[2]`; `null` where the row cannot be read at all. */
  readonly field: string | null;

  constructor(
    location: { readonly file: string; readonly row: number; readonly field?: string | undefined },
    problem: string,
    options?: ErrorOptions,
  ) {
    const { file, row, field } = location;
    super(`${file}, row ${row}${field === undefined ? "" : `, field ${field}`}: ${problem}`, options);
    this.file = file;
    this.row = row;
    this.field = field ?? null;
  }
}

/** A file could not be downloaded and no earlier copy of it is in the cache. Messages hold no credentials and no query strings. */
export class DownloadError extends PkaError {
  readonly code = "download_failed";
  /** Without query string. */
  readonly url: string;
  /** HTTP status, where the server answered. */
  readonly status: number | undefined;
  /** The same request may succeed later. */
  readonly isRetryable: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    url: URL,
    problem: string,
    options: {
      readonly status?: number | undefined;
      readonly isRetryable?: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const address = url.origin + url.pathname;
    super(`${address}: ${problem}`, { cause: options.cause });
    this.url = address;
    this.status = options.status;
    this.isRetryable = options.isRetryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The operating system refused something about a file. What fetch throws has no `syscall` of its own. */
export function isFileSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && typeof error.syscall === "string";
}
