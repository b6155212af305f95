import type { SamplingClient, TrainingClient } from "@pka/core";
import type { TopLogprobs } from "./top-logprobs.js";
import type { LoraConfig } from "./lora.js";
import type { ModelConfig } from "./model-config.js";
import type { WordTokenizer } from "./word-tokenizer.js";

/** How a training client starts and where it saves. */
export interface TrainingClientOptions {
  /** Train low-rank adapters instead of all weights. */
  readonly lora?: LoraConfig;
  /** Seed of the adapters' first draw. Default 0. */
  readonly seed?: number;
  /**
   * Folder of the client's checkpoints: `weights/<name>.safetensors` from `saveState`, `sampler_weights/<name>.safetensors` from
   * `saveWeightsForSampler`. Without it these two throw UsageError.
   */
  readonly directory?: string;
}

/** A sampling client that also shows the likeliest tokens. */
export interface EngineSamplingClient extends SamplingClient {
  /** The `k` likeliest tokens after each of `tokens`. @throws EngineInputError */
  topLogprobs(tokens: readonly number[], k: number): Promise<TopLogprobs>;
}

/** A training client whose sampling clients are the engine's own. */
export interface EngineTrainingClient extends TrainingClient {
  saveWeightsAndGetSamplingClient(): Promise<EngineSamplingClient>;
}

/** One model, opened: clients that sample from it and train copies of it. */
export interface Engine {
  readonly config: ModelConfig;
  readonly tokenizer: WordTokenizer;
  /**
   * A client that samples from the opened model, or from the checkpoint at `path`, which has the same shape and vocabulary.
   * @throws CheckpointError
   */
  samplingClient(path?: string): Promise<EngineSamplingClient>;
  /**
   * A client that trains its own copy of the opened model.
   * @throws UsageError for an impossible LoRA rank or alpha; EngineMemoryError when the model does not fit.
   */
  trainingClient(options?: TrainingClientOptions): Promise<EngineTrainingClient>;
  /** Release the memory and the worker thread. Calls in flight and later ones fail with EngineClosedError. */
  close(): Promise<void>;
}
