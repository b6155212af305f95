import { hasProgram } from "./has-program.js";

/** Whether `faketime` is installed. */
export function hasFaketime(): boolean {
  return hasProgram("faketime");
}

/** The command line that runs `command` by another clock: `2031-01-01`, `-1d`, `@2026-01-01 x10` (ten times as fast). */
export function underFaketime(clock: string, command: readonly string[]): string[] {
  return ["faketime", "-f", clock, ...command];
}
