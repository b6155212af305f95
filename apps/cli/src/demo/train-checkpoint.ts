import { resolve } from "node:path";
import type { TrainingClient } from "@pka/core";
import type { Engine } from "@pka/engine";
import { FINAL, type JsonValue, openRunFolder, readCheckpoints, type RunFolder } from "@pka/training";
import { provenance } from "../provenance.js";
import { type DemoCheckpoint, runFolderOf } from "./demo-files.js";

/** A step of either trainer. */
interface Step {
  readonly step: number;
  readonly totalSteps: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface TrainCheckpointOptions {
  readonly engine: Engine;
  readonly checkpoint: DemoCheckpoint;
  readonly outputDir: string;
  /** Into the run's `config.json`. */
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly seed: number;
  readonly loraRank?: number | undefined;
  readonly train: (client: TrainingClient, run: RunFolder) => AsyncIterable<Step>;
  readonly onStep: (step: Step) => void;
}

/** Train in a run folder of its own, anew. @returns The weights to sample from; `undefined` when the run was interrupted. */
export async function trainCheckpoint(options: TrainCheckpointOptions): Promise<string | undefined> {
  const { engine, checkpoint, outputDir, config, seed, loraRank, train, onStep } = options;
  const path = runFolderOf(outputDir, checkpoint);
  const run = await openRunFolder({
    path,
    config,
    provenance: await provenance(),
    behavior: "delete",
    stepOf: ({ batch }) => batch,
  });
  try {
    const client = await engine.trainingClient({
      directory: resolve(path),
      seed,
      ...(loraRank !== undefined && { lora: { rank: loraRank } }),
    });
    for await (const step of train(client, run)) onStep(step);
    const last = readCheckpoints(run.checkpointsFile).at(-1);
    return last?.name === FINAL ? last.samplerPath : undefined;
  } finally {
    await run.close();
  }
}
