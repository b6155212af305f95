import { UsageError } from "@pka/core";

/** Shape of a decoder-only transformer: RMS norm before each block, rotary positions, SwiGLU, output tied to the embedding. */
export interface ModelConfig {
  /** Token ids are 0 … vocabSize − 1. */
  readonly vocabSize: number;
  /** Width of the residual stream; a multiple of 8 · numHeads. */
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  /** Width of the feed-forward block; a multiple of 8. */
  readonly feedForwardSize: number;
  /** Most tokens of one sequence, prompt and completion together. */
  readonly contextLength: number;
}

/** @throws UsageError naming the field that is out of range. */
export function checkModelConfig(config: ModelConfig): void {
  const require = (field: keyof ModelConfig, multiple: number, max: number): void => {
    const value = config[field];
    if (Number.isInteger(value) && value >= 1 && value <= max && value % multiple === 0) return;
    const what = multiple === 1 ? "a whole number" : `a multiple of ${multiple}`;
    throw new UsageError(`model config: ${field} is ${value}, and must be ${what} from ${multiple} to ${max}`);
  };
  require("vocabSize", 1, 1_000_000);
  require("numLayers", 1, 128);
  require("numHeads", 1, 128);
  require("hiddenSize", 8 * config.numHeads, 16_384);
  require("feedForwardSize", 8, 65_536);
  require("contextLength", 1, 65_536);
}
