import { type ChildProcess, spawn } from "node:child_process";

export interface Ended {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartedProcess {
  readonly process: ChildProcess;
  readonly exited: Promise<Ended>;
  /** Resolves when stderr matches, or the process has ended. */
  readonly said: (pattern: RegExp) => Promise<void>;
  /** What it wrote so far. */
  readonly stderr: () => string;
}

/** Start a command line, without anything on its stdin. @param env - All that it gets. */
export function startProcess([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): StartedProcess {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const state = { isOver: false };
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const exited = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      state.isOver = true;
      resolve({ exitCode, stdout, stderr });
    });
  });
  const said = async (pattern: RegExp) => {
    while (!state.isOver && !pattern.test(stderr)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { process: child, exited, said, stderr: () => stderr };
}
