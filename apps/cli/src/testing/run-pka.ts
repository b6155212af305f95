import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Variables that would change what a command does; a test sets its own. */
const CLEARED = ["OPENAI_", "TINKER_", "VLLM_", "HF_", "WANDB_", "PKA_API_KEY"];

export interface PkaRun {
  readonly process: ChildProcess;
  readonly exited: Promise<Ended>;
  /** Resolves when stderr matches. */
  said(pattern: RegExp): Promise<void>;
  /** What it wrote so far. */
  stderr(): string;
}

export interface Ended {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Start the built command line in a process of its own. */
export function startPka(args: readonly string[], env: Record<string, string> = {}): PkaRun {
  const inherited = Object.entries(process.env).filter(([name]) => !CLEARED.some((prefix) => name.startsWith(prefix)));
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...Object.fromEntries(inherited), ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const exited = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  const said = async (pattern: RegExp) => {
    while (!pattern.test(stderr)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { process: child, exited, said, stderr: () => stderr };
}

/** Run the built command line to its end. */
export function runPka(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return startPka(args, env).exited;
}
