import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, isPrepared, prepare } from "../prepared.js";
import { interpreterOf, makeVenv } from "../python.js";

const folder = join(import.meta.dirname, "..", ".venv-wandb");
const requirements = join(import.meta.dirname, "wandb-requirements.txt");

const wanted = (): string => hashOf(readFileSync(requirements, "utf8"), process.platform, process.arch);

/** An interpreter with `wandb`; `null` where set-up could not make it. */
export function wandbPython(): string | null {
  return isPrepared(folder, wanted()) ? interpreterOf(folder) : null;
}

/** @throws Error when the package cannot be installed. */
export async function ensureWandb(log: (line: string) => void): Promise<void> {
  await prepare(folder, wanted(), async () => {
    log("installing wandb into an environment of its own (once; 65 MB)");
    await makeVenv(folder, ["--requirement", requirements]);
  });
}
