import type { TrainingClient } from "@pka/core";
import type { Checkpoint } from "./checkpoint.js";

/** Save the state, with `sampler` the weights for sampling too. Both requests are made before either is awaited. */
export async function saveCheckpoint(
  client: TrainingClient,
  at: Omit<Checkpoint, "statePath" | "samplerPath">,
  { sampler }: { readonly sampler: boolean },
): Promise<Checkpoint> {
  const [statePath, samplerPath] = await Promise.all([
    client.saveState(at.name),
    sampler ? client.saveWeightsForSampler(at.name) : undefined,
  ]);
  return { ...at, statePath, ...(samplerPath !== undefined && { samplerPath }) };
}
