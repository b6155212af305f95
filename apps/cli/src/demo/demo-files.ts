import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OutputError } from "@pka/harness";

/** The checkpoints of a demo, by their names in result files. */
export type DemoCheckpoint = "sft" | "rl" | "rl-no-thinking";

const CHECKPOINTS: readonly DemoCheckpoint[] = ["sft", "rl", "rl-no-thinking"];
const MODEL = "smallworld_tiny";
const REPORT = "report.html";

/** The folder of the training run that made a checkpoint. */
export function runFolderOf(outputDir: string, checkpoint: DemoCheckpoint): string {
  return join(outputDir, `${MODEL}_${checkpoint}`);
}

export function reportFileOf(outputDir: string): string {
  return join(outputDir, REPORT);
}

/** Is this one of the result files that a demo writes? No other command gives the embedded model's checkpoints these names. */
export function isDemoResult(file: string): boolean {
  return resultStems().some((stem) => file === `${stem}.json`);
}

/** Make room for a new demo: the files of an earlier one go, everything else in the folder stays. */
export function clearEarlierDemo(outputDir: string): void {
  try {
    mkdirSync(outputDir, { recursive: true });
    for (const stem of resultStems()) {
      for (const extension of [".json", ".jsonl"]) rmSync(join(outputDir, stem + extension), { force: true });
    }
    rmSync(reportFileOf(outputDir), { force: true });
  } catch (error) {
    throw new OutputError(outputDir, "cannot take away the files of an earlier demo", error);
  }
}

function resultStems(): string[] {
  return CHECKPOINTS.flatMap((checkpoint) =>
    ["with", "no"].map((thinking) => `${MODEL}_${checkpoint}_no_cues_${thinking}_thinking`),
  );
}
