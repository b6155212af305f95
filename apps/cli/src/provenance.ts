import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { VERSION } from "./version.js";

/** What made a run: into the header of its journal. */
export async function provenance(): Promise<Record<string, string | null>> {
  return {
    "@pka/cli": VERSION,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    gitCommit: await gitCommit(),
  };
}

/** The commit of the folder that `pka` is run in; `null` outside a repository. */
async function gitCommit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"]);
    return stdout.trim();
  } catch {
    return null;
  }
}
