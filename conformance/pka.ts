import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Finished, run } from "./run.js";

const main = join(import.meta.dirname, "..", "apps", "cli", "dist", "main.js");

/** The built command line, as a user runs it. @throws Error when it is not built, or not done in time. */
export async function pka(
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Finished> {
  if (!existsSync(main)) throw new Error(`${main} is not there: run "npm run build" first`);
  return run(process.execPath, [main, ...args], options);
}
