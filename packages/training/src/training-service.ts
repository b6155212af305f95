import { ModelError, type SamplingClient, type TrainingClient } from "@pka/core";
import { CheckpointGoneError } from "./errors.js";
import type { RunFolder } from "./run-folder.js";

/** Where training clients come from: the embedded engine, a Tinker service, or one of your own. */
export interface TrainingService {
  /** A client with new weights, or with those of a checkpoint, and the checkpoint's optimizer state when asked for. */
  createTrainingClient(from?: { readonly statePath: string; readonly optimizer: boolean }): Promise<TrainingClient>;
  /** A client that samples from the model as it was before any training. */
  createBaseSamplingClient(): Promise<SamplingClient>;
}

/**
 * The training client of a run: where the run has a checkpoint, with its weights and optimizer state; else from `initialState`,
 * weights only; else new.
 *
 * @throws CheckpointGoneError when the run's checkpoint cannot be loaded; what a service that is away or refuses the key throws, as it is.
 */
export async function openTrainingClient(
  service: TrainingService,
  run: RunFolder,
  initialState?: string,
): Promise<TrainingClient> {
  const statePath = run.resumePoint?.statePath;
  if (statePath === undefined) {
    if (initialState === undefined) return service.createTrainingClient();
    return service.createTrainingClient({ statePath: initialState, optimizer: false });
  }
  try {
    return await service.createTrainingClient({ statePath, optimizer: true });
  } catch (error) {
    if (!isAboutCheckpoint(error)) throw error;
    throw new CheckpointGoneError(statePath, run.checkpointsFile, error);
  }
}

/** Not of a service that is away, or refuses the key: they say nothing of the checkpoint. */
function isAboutCheckpoint(error: unknown): boolean {
  return !(error instanceof ModelError) || error.kind === "not-found" || error.kind === "invalid-request";
}
