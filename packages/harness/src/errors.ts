import { errorCode, messageOf, PkaError } from "@pka/core";

/** A file of the run could not be written or read: no permission, no space, not a folder. What was finished before stays. */
export class OutputError extends PkaError {
  readonly code = "output_failed";

  constructor(
    readonly path: string,
    /** `cannot …`. */
    readonly what: string,
    cause: unknown,
    advice?: string,
  ) {
    super(`${path}: ${what}: ${explain(cause)}${advice === undefined ? "" : `. ${advice}`}`, { cause });
  }
}

/** A journal holds a complete line that cannot be used. Nothing after it is read and nothing is changed. */
export class JournalDamagedError extends PkaError {
  readonly code = "journal_damaged";

  constructor(
    readonly path: string,
    /** Byte offset at which the line starts. */
    readonly offset: number,
    /** 1-based. */
    readonly line: number,
    problem: string,
  ) {
    const repair = `\`pka repair ${quoted(path)}${line === 1 ? " --header-from <journal>" : ""}\``;
    const cure =
      line === 1
        ? `This line says what was asked: if it is a journal, ${repair} takes it from another journal of the same command; overwrite starts again.`
        : `${repair} keeps every good record, and the old file beside it; then the same command goes on.`;
    super(`${path}: line ${line} (byte ${offset}) ${problem}. ${cure}`);
  }
}

/** Another process is writing this journal. */
export class JournalLockedError extends PkaError {
  readonly code = "journal_locked";

  constructor(
    /** The lock file. */
    readonly path: string,
    readonly pid: number,
    readonly host: string,
    /** When it started, ISO 8601. */
    readonly since: string,
    anotherHost: boolean,
  ) {
    const advice = anotherHost
      ? `Whether it still runs cannot be seen from here: if it does not, delete the file.`
      : `Wait for it or stop it.`;
    super(`${path}: process ${pid} on ${host} has been writing this run since ${since}. ${advice}`);
  }
}

/** One thing that differs between what a journal was started with and what is asked for now. */
export interface ResumeDifference {
  /** Such as `sampling.temperature` or `row nq/12`. */
  readonly field: string;
  readonly recorded: string;
  readonly requested: string;
}

/** The output folder holds another run under the same file name, so continuing would mix the two. */
export class ResumeRefusedError extends PkaError {
  readonly code = "resume_refused";

  constructor(
    readonly path: string,
    problem: string,
    readonly differences: readonly ResumeDifference[],
  ) {
    const named = differences.map(
      ({ field, recorded, requested }) => `\n  ${field}: ${recorded} there, ${requested} now`,
    );
    const list = named.length === 0 ? ". " : `:${named.join("")}\n`;
    super(
      `${path}: ${problem}${list}Use another output folder, or overwrite (the old files are kept under another name).`,
    );
  }
}

/** Rows were to be asked again, and there is no run that asked them. */
export class NothingToRetryError extends PkaError {
  readonly code = "nothing_to_retry";

  constructor(
    /** Where the journal would be. */
    readonly path: string,
  ) {
    super(`${path}: there is no such journal, so no row can be asked again. Make the same call without retry first.`);
  }
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./\\:@%+,-]+$/.test(path) ? path : `"${path}"`;
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would exceed the allowed size",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file is in the way",
  EISDIR: "it is a folder",
  ENOENT: "there is no such file",
  ELOOP: "it is a symbolic link",
  EMFILE: "too many open files",
  EIO: "the device failed",
};

function explain(cause: unknown): string {
  const code = errorCode(cause);
  const words = code === undefined ? undefined : EXPLANATIONS[code];
  return words === undefined ? messageOf(cause) : `${words} (${code})`;
}
