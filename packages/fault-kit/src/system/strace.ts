import { hasProgram } from "./has-program.js";

interface Injection {
  /** Such as `write`, `fdatasync`, `rename`; several with a comma between. */
  readonly syscall: string;
  /** Which of its calls, from 1 on; `5+` = the fifth and all that follow. */
  readonly when: number | `${number}+`;
  /** What becomes of the call: an error such as `ENOSPC` in its place, or a signal such as `KILL` before it is carried out. */
  readonly what: { readonly error: string } | { readonly signal: string };
  /** Only calls that concern this file. */
  readonly path?: string;
}

/** Whether `strace` is installed and may trace. */
export function hasStrace(): boolean {
  return hasProgram("strace");
}

/** The command line that runs `command` with a system call that fails, or kills. @param log - Where strace writes. */
export function underStrace(
  { syscall, when, what, path }: Injection,
  log: string,
  command: readonly string[],
): string[] {
  const [[kind, value] = []] = Object.entries(what);
  const only = path === undefined ? [] : ["-P", path];
  const inject = `inject=${syscall}:${kind}=${value}:when=${when}`;
  return ["strace", "-f", "-qq", "-o", log, ...only, "-e", `trace=${syscall}`, "-e", inject, ...command];
}
