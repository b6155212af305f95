import { z } from "zod";
import { RunFolderError } from "./errors.js";
import { readJsonLines } from "./json-lines.js";

/** A line of `checkpoints.jsonl`. */
export interface Checkpoint {
  /** `000100`, or `final` at the end of the run. */
  readonly name: string;
  /** Epoch to go on with, from 0; supervised fine-tuning only. */
  readonly epoch?: number;
  /** Batch to go on with, from 0: in `epoch`, or in the run. */
  readonly batch: number;
  /** What `TrainingClient.loadState` takes. */
  readonly statePath?: string;
  /** What a sampling client can be opened from. */
  readonly samplerPath?: string;
}

/** The name of the checkpoint that ends a run. */
export const FINAL = "final";

const rowSchema = z.object({
  name: z.string(),
  epoch: z.int().nonnegative().optional(),
  batch: z.int().nonnegative(),
  state_path: z.string().optional(),
  sampler_path: z.string().optional(),
});

/** A checkpoint in the spelling and order of the file. */
export function checkpointRow({ name, epoch, batch, statePath, samplerPath }: Checkpoint): object {
  // JSON leaves out what is undefined.
  return { name, epoch, batch, state_path: statePath, sampler_path: samplerPath };
}

/** The checkpoints of a file that a run can go on from, in order; `[]` where there is no file. @throws RunFolderError */
export function readCheckpoints(path: string): Checkpoint[] {
  const checkpoints = readJsonLines(path).map((row, index): Checkpoint => {
    const parsed = rowSchema.safeParse(row);
    if (!parsed.success) throw new RunFolderError(path, `line ${index + 1}: ${z.prettifyError(parsed.error)}`);
    const { name, epoch, batch, state_path: statePath, sampler_path: samplerPath } = parsed.data;
    return {
      name,
      batch,
      ...(epoch !== undefined && { epoch }),
      ...(statePath !== undefined && { statePath }),
      ...(samplerPath !== undefined && { samplerPath }),
    };
  });
  return checkpoints.filter(({ statePath }) => statePath !== undefined);
}

/** `%06d` of a step. */
export function checkpointName(step: number): string {
  return String(step).padStart(6, "0");
}
