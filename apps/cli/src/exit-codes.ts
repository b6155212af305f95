/** What the process's exit code says. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Stopped by a threshold: errors, budget, or nothing that parses. The run can be resumed. */
  stopped: 3,
  /** Ctrl-C. The run can be resumed. */
  interrupted: 130,
} as const;
