import { RL_DEFAULTS, type RlConfig } from "@pka/train-rl";
import { SFT_DEFAULTS, type SftConfig } from "@pka/train-sft";

/** The flags that decide what a demo computes. */
export interface DemoSettings {
  /** Of the order of the training data, of adapters and of every draw. */
  readonly seed: number;
  readonly loss: RlConfig["lossFn"];
  /** Rank of the adapters that reinforcement learning trains; absent = all weights. */
  readonly loraRank?: number | undefined;
  /** Steps of reinforcement learning. */
  readonly steps: number;
}

/** Answers drawn for each held-out question, at temperature 1. */
export const DEMO_SAMPLES = 8;
/** The longest thought and answer take under 24 tokens. */
export const DEMO_MAX_TOKENS = 32;

const SFT_EPOCHS = 11;

/** Suits the embedded model, as do all settings here that are not the paper's. */
export function demoSftConfig({ seed }: DemoSettings): SftConfig {
  return {
    ...SFT_DEFAULTS,
    batchSize: 128,
    learningRate: 2e-3,
    trainOnWhat: "customized",
    numEpochs: SFT_EPOCHS,
    seed,
    saveEvery: 0,
    evalEvery: 0,
    genEvalEvery: 0,
  };
}

export function demoRlConfig({ seed, loss, loraRank, steps }: DemoSettings): RlConfig {
  return {
    ...RL_DEFAULTS,
    lossFn: loss,
    // Adapters take larger steps than weights.
    learningRate: loraRank === undefined ? 1e-3 : 4e-3,
    // With a single update per batch no ratio is ever clipped, and all losses are the same.
    numSubsteps: loss === "importance_sampling" ? 1 : 2,
    maxTokens: DEMO_MAX_TOKENS,
    seed,
    samplingSeed: seed,
    numEpochs: steps,
    maxSteps: steps,
    evalEvery: 0,
    saveEvery: 0,
    numGroupsToLog: 0,
  };
}
