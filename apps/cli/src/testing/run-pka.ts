import { fileURLToPath } from "node:url";
import { type Ended, startProcess, type StartedProcess } from "@pka/fault-kit";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Variables that would change what a command does; a test sets its own. */
const CLEARED = ["OPENAI_", "TINKER_", "VLLM_", "HF_", "WANDB_", "PKA_API_KEY"];

export type PkaRun = StartedProcess;

/** Start the built command line in a process of its own. */
export function startPka(args: readonly string[], env: Record<string, string> = {}): PkaRun {
  const inherited = Object.entries(process.env).filter(([name]) => !CLEARED.some((prefix) => name.startsWith(prefix)));
  return startProcess([process.execPath, MAIN, ...args], { ...Object.fromEntries(inherited), ...env });
}

/** Run the built command line to its end. */
export function runPka(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return startPka(args, env).exited;
}
