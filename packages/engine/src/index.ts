export { ADAM_DEFAULTS } from "./adam.js";
export { type Checkpoint, freshCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
export type { Engine, EngineSamplingClient, EngineTrainingClient, TrainingClientOptions } from "./engine.js";
export { CheckpointError, EngineClosedError, EngineInputError, EngineMemoryError } from "./errors.js";
export type { LoraConfig } from "./lora.js";
export type { ModelConfig } from "./model-config.js";
export { openEngine, type OpenEngineOptions } from "./open-engine.js";
export { checkpointFile, SHIPPED_CHECKPOINTS } from "./shipped-checkpoints.js";
export {
  type SmallWorld,
  type SmallWorldFact,
  type SmallWorldQuestion,
  type SmallWorldSplit,
  smallWorld,
} from "./small-world.js";
export type { TopLogprobs } from "./top-logprobs.js";
export { END_TOKEN, SPECIAL_TOKENS, WordTokenizer } from "./word-tokenizer.js";
