import { UsageError } from "@pka/core";
import type { TrainOnWhat } from "@pka/renderers";

/** All that decides what the loop does. */
export interface SftConfig {
  /** Rows of a step, ≥ 1. */
  readonly batchSize: number;
  /** Of step 0; falls in a straight line to 0. ≥ 0. */
  readonly learningRate: number;
  /** Taken for compatibility; the paper's code never reads it. */
  readonly warmupFraction: number;
  /** Tokens of a row that are kept, ≥ 2. */
  readonly maxLength: number;
  readonly trainOnWhat: TrainOnWhat;
  /** `none`: loss weights as they are, summed. `mean`: divided by their sum in each row. */
  readonly reduction: "none" | "mean";
  readonly numEpochs: number;
  /** Of the order of the rows. */
  readonly seed: number;
  /** Steps of each epoch at most: the first `maxSteps · batchSize` rows of the shuffled data are kept. `null` = all. */
  readonly maxSteps: number | null;
  /** Steps of the whole run at most; the learning rate reaches 0 there. `null` = all. */
  readonly maxTotalSteps: number | null;
  /** Steps between checkpoints, 0 = none but the last. */
  readonly saveEvery: number;
  /** Train only on rows whose mean NLL per target token, before the step, is below this. `null` = on all. */
  readonly nllThreshold: number | null;
  /** Steps between measurements of the validation NLL, 0 = none. */
  readonly evalEvery: number;
  /** Steps between evaluations of sampled answers, 0 = none. */
  readonly genEvalEvery: number;
  /** Seed of the sampled answers; `null` leaves the draws to the service. */
  readonly samplingSeed: number | null;
}

/** The paper's settings (`reasoningsft_train.py` of arXiv:2602.22193). */
export const SFT_DEFAULTS: SftConfig = {
  batchSize: 32,
  learningRate: 1e-5,
  warmupFraction: 0.05,
  maxLength: 32_768,
  trainOnWhat: "last_assistant_message",
  reduction: "none",
  numEpochs: 8,
  seed: 6,
  maxSteps: null,
  maxTotalSteps: null,
  saveEvery: 100,
  nllThreshold: null,
  evalEvery: 100,
  genEvalEvery: 500,
  samplingSeed: 0,
};

/** Token limit of sampled answers: the paper's. */
export const GENERATION_MAX_TOKENS = 1028;

/** @throws UsageError naming the setting that cannot be. */
export function checkSftConfig(config: SftConfig): void {
  const check = (name: keyof SftConfig, holds: (value: number) => boolean, expected: string): void => {
    const value = config[name];
    if (value === null || (typeof value === "number" && Number.isFinite(value) && holds(value))) return;
    throw new UsageError(`${name} is ${value}: it must be ${expected}`);
  };
  const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
  check("batchSize", whole(1), "a whole number from 1");
  check("learningRate", (value) => value >= 0, "a number from 0");
  check("warmupFraction", (value) => value >= 0 && value <= 1, "a number from 0 to 1");
  check("maxLength", whole(2), "a whole number from 2");
  check("numEpochs", whole(1), "a whole number from 1");
  check("seed", whole(0), "a whole number from 0");
  check("maxSteps", whole(1), "a whole number from 1");
  check("maxTotalSteps", whole(1), "a whole number from 1");
  check("saveEvery", whole(0), "a whole number from 0");
  check("nllThreshold", (value) => value > 0, "a number above 0");
  check("evalEvery", whole(0), "a whole number from 0");
  check("genEvalEvery", whole(0), "a whole number from 0");
  check("samplingSeed", whole(0), "a whole number from 0");
}
