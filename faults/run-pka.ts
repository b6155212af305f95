import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The command line that starts the built `pka`. */
export const PKA = [process.execPath, fileURLToPath(new URL("../apps/cli/dist/main.js", import.meta.url))];
/** The one that starts a file of `children` from source, with a heap of 256 MB. */
export function child(name: string, ...args: string[]): string[] {
  const file = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  return [process.execPath, "--max-old-space-size=256", "--conditions=@pka/source", "--import", "tsx", file, ...args];
}

export interface Ended {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Start a command line; `ended` resolves when it has. */
export function start([program = "", ...args]: readonly string[]): {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr matches, or the process has ended. */
  readonly said: (pattern: RegExp) => Promise<void>;
} {
  const env = { ...process.env, HF_HUB_OFFLINE: "1", NO_COLOR: "1" };
  const started = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  started.stdout.on("data", (chunk) => (stdout += String(chunk)));
  started.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve, reject) => {
    started.on("error", reject);
    started.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  const said = async (pattern: RegExp) => {
    while (started.exitCode === null && !pattern.test(stderr)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { process: started, ended, said };
}

/** Run a command line to its end. */
export function run(command: readonly string[]): Promise<Ended> {
  return start(command).ended;
}
