import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const NODE_ARGUMENTS = ["--conditions=@pka/source", "--import", "tsx"];

/**
 * Run a TypeScript file in a process of its own, from source.
 *
 * @param fileSizeLimit - What `ulimit -f` takes: the largest file it may write, in blocks of 512 or 1024 bytes.
 */
export function startChild(file: URL, args: readonly string[], fileSizeLimit?: number): ChildProcess {
  const command = [process.execPath, ...NODE_ARGUMENTS, fileURLToPath(file), ...args];
  if (fileSizeLimit !== undefined) command.unshift("sh", "-c", `ulimit -f ${fileSizeLimit}; exec "$0" "$@"`);
  const [program = "", ...rest] = command;
  return spawn(program, rest, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
}

/** What the child first writes to its standard output. */
export async function firstOutput(child: ChildProcess): Promise<string> {
  const exit = once(child, "close").then(([code]) => {
    throw new Error(`the child ended with code ${code} and said nothing`);
  });
  const [chunk] = await Promise.race([once(child.stdout!, "data"), exit]);
  return String(chunk);
}

/** Kill without any chance to clean up, and wait until the process is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
