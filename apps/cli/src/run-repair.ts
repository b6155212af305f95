import { PkaError } from "@pka/core";
import { loadDataset } from "@pka/datasets";
import { type JournalRepair, rebuildResult, type RebuiltResult, repairJournal } from "@pka/harness";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { printRepairs, type RepairedFile } from "./print-repairs.js";
import { showDownload } from "./progress.js";
import { spendingOf } from "./spending.js";
import { Stderr } from "./stderr.js";

export interface RepairFlags {
  readonly dryRun?: true;
  readonly headerFrom?: string;
  readonly rebuild?: true;
  readonly dataDir?: string;
  readonly json?: true;
}

/** `pka repair`. Resolves to the exit code. */
export async function runRepair(paths: readonly string[], flags: RepairFlags): Promise<number> {
  const stderr = new Stderr();
  const files: RepairedFile[] = [];
  let failed = false;
  for (const path of paths) {
    try {
      files.push(await repairFile(path, flags, stderr));
    } catch (error) {
      // One file that cannot be repaired does not take the others along.
      if (!PkaError.isInstance(error)) throw error;
      stderr.error(error.message);
      failed = true;
    }
  }
  printRepairs(files, flags);
  return failed ? EXIT.failed : EXIT.done;
}

async function repairFile(path: string, flags: RepairFlags, stderr: Stderr): Promise<RepairedFile> {
  const repair: JournalRepair = await repairJournal(path, flags);
  if (!flags.rebuild || flags.dryRun) return { ...repair, result: null };
  const result: RebuiltResult = await rebuildResult(repair.journalPath, {
    loadExamples: async (name, split) => {
      const { dataDir } = flags;
      const { hub } = readEnvironment();
      const options = { split, dataDir, hub, logger: stderr, onProgress: showDownload(stderr) };
      const { examples } = await loadDataset(name, options);
      stderr.clearLine();
      return examples;
    },
    priceOf: (model) => spendingOf({ model }).price,
  });
  return { ...repair, result };
}
