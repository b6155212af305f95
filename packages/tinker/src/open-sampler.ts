import { orAborted } from "./or-aborted.js";
import { UsageError } from "@pka/core";
import type { TinkerSamplingClient } from "./sampling-client.js";
import type { TinkerClient } from "./tinker-client.js";
import { parseTinkerPath } from "./wire/tinker-path.js";

/** Which weights to sample from. */
export interface OpenSamplerOptions {
  /** `openai/gpt-oss-20b` */
  readonly baseModel: string;
  /**
   * `tinker://…`. Sampler weights are opened as they are; a training state is loaded into a new model, whose weights are then saved for
   * sampling, under no name. Default: the base model itself.
   */
  readonly checkpoint?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A sampling client of a base model, or of a checkpoint of that base model whatever its kind.
 *
 * @throws UsageError for a path that is none, and for the checkpoint of another base model · TinkerError · the abort reason.
 */
export async function openSampler(client: TinkerClient, options: OpenSamplerOptions): Promise<TinkerSamplingClient> {
  options.signal?.throwIfAborted();
  return orAborted(open(client, options), options.signal);
}

async function open(client: TinkerClient, { baseModel, checkpoint }: OpenSamplerOptions) {
  if (checkpoint === undefined) return client.createSamplingClient({ baseModel });
  const check = (trainedFrom: string) => {
    // A variant of a model stands behind a colon; its weights are the same.
    if (nameOf(trainedFrom) === nameOf(baseModel)) return;
    throw new UsageError(`${checkpoint} is a checkpoint of ${trainedFrom}, not of ${baseModel}`);
  };
  if (parseTinkerPath(checkpoint).kind === "sampler_weights") {
    const sampler = await client.createSamplingClient({ modelPath: checkpoint });
    check((await sampler.getInfo()).baseModel);
    return sampler;
  }
  check((await client.rest.getWeightsInfo(checkpoint)).baseModel);
  const training = await client.createTrainingClientFromState(checkpoint);
  return training.saveWeightsAndGetSamplingClient();
}

function nameOf(baseModel: string): string {
  return baseModel.split(":")[0]!;
}
