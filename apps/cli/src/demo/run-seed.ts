import { writeFile } from "node:fs/promises";
import { checkpointFile, readCheckpoint, WordTokenizer } from "@pka/engine";
import { OutputError } from "@pka/harness";
import { createReport } from "@pka/report";
import type { DemoSettings } from "./demo-config.js";
import { isDemoResult, reportFileOf } from "./demo-files.js";
import { measureExperiment } from "./measure-experiment.js";
import { type ExperimentContext, runExperiment } from "./run-experiment.js";
import type { SeedResult } from "./seed-result.js";

const TITLE = "The paper in miniature: a tiny synthetic model, whose figures say nothing about real models";

/** One experiment from training to report. @returns `undefined` when it was interrupted. */
export async function runSeed(settings: DemoSettings, context: ExperimentContext): Promise<SeedResult | undefined> {
  const { outputDir, interrupts } = context;
  const files = await runExperiment(settings, context);
  if (files === undefined) return undefined;
  const { words } = await readCheckpoint(checkpointFile("tiny-base"));
  const measures = await measureExperiment(files, new WordTokenizer(words));
  const { text } = await createReport({
    folder: outputDir,
    title: TITLE,
    include: isDemoResult,
    signal: interrupts.stop,
  });
  const report = reportFileOf(outputDir);
  try {
    await writeFile(report, text);
  } catch (error) {
    throw new OutputError(report, "cannot write the report", error);
  }
  return { seed: settings.seed, outputDir, report, ...measures };
}
