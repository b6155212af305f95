import { fileURLToPath } from "node:url";
import { type Ended, startProcess, type StartedProcess } from "@pka/fault-kit";

/** The command line that starts the built `pka`. */
export const PKA = [process.execPath, fileURLToPath(new URL("../apps/cli/dist/main.js", import.meta.url))];
/** The one that starts a file of `children` from source, with a heap of 256 MB. */
export function child(name: string, ...args: string[]): string[] {
  const file = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  return [process.execPath, "--max-old-space-size=256", "--conditions=@pka/source", "--import", "tsx", file, ...args];
}

/** Start a command line. */
export function start(command: readonly string[]): StartedProcess {
  return startProcess(command, { ...process.env, HF_HUB_OFFLINE: "1", NO_COLOR: "1" });
}

/** Run a command line to its end. */
export function run(command: readonly string[]): Promise<Ended> {
  return start(command).exited;
}
