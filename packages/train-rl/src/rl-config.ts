import { type LossFn, UsageError } from "@pka/core";

/** All that decides what the loop does. */
export interface RlConfig {
  /** Rollouts of a problem, ≥ 2: the mean over them is what a reward is compared with. */
  readonly groupSize: number;
  /** Problems of a step. */
  readonly groupsPerBatch: number;
  /** Constant. ≥ 0. */
  readonly learningRate: number;
  /** Token limit of a completion. */
  readonly maxTokens: number;
  readonly temperature: number;
  readonly lossFn: Extract<LossFn, "importance_sampling" | "ppo" | "cispo">;
  /** Of `ppo` and `cispo`, as absolute ratios; `null` = the service's 0.8 and 1.2. */
  readonly clipLowThreshold: number | null;
  readonly clipHighThreshold: number | null;
  /** Strength of the pull towards the reference model; 0 asks no reference. */
  readonly klPenaltyCoef: number;
  /** Share of a token's penalty that reaches the token before it, in [0, 1]. */
  readonly klDiscountFactor: number;
  /** Optimizer steps of a batch: it is cut into so many parts. */
  readonly numSubsteps: number;
  /** Measure how far the update moved the policy on the batch's own tokens. */
  readonly computePostKl: boolean;
  /** Leave out groups whose rewards are all the same; one stays where all are. */
  readonly removeConstantRewardGroups: boolean;
  /** Of the order of the problems. */
  readonly seed: number;
  /** Seed of the draws; `null` leaves them to the service. */
  readonly samplingSeed: number | null;
  /** Times through the problems. The paper: once. */
  readonly numEpochs: number;
  /** Steps of the run at most; `null` = all. */
  readonly maxSteps: number | null;
  /** Steps between evaluations, 0 = none; also before the first step. */
  readonly evalEvery: number;
  /** Evaluate after the last step too. */
  readonly finalEval: boolean;
  /** Validation problems asked at most; `null` = all. */
  readonly evalLimit: number | null;
  /** Steps between checkpoints, 0 = none but the last. */
  readonly saveEvery: number;
  /** Groups that a step's page shows. */
  readonly numGroupsToLog: number;
  /** Train on rollouts of weights up to so many steps old while new ones are sampled; `null` = sample and train in turn. */
  readonly maxStepsOffPolicy: number | null;
  /** Times a rollout is tried before its group is given up. */
  readonly rolloutAttempts: number;
}

/** The paper's settings (`rl/train.py` of arXiv:2602.22193 and the tinker-cookbook of December 2025). */
export const RL_DEFAULTS: RlConfig = {
  groupSize: 8,
  groupsPerBatch: 32,
  learningRate: 2e-5,
  maxTokens: 1028,
  temperature: 1,
  lossFn: "importance_sampling",
  clipLowThreshold: null,
  clipHighThreshold: null,
  klPenaltyCoef: 0.01,
  klDiscountFactor: 0,
  numSubsteps: 1,
  computePostKl: false,
  removeConstantRewardGroups: false,
  seed: 0,
  samplingSeed: 0,
  numEpochs: 1,
  maxSteps: null,
  evalEvery: 20,
  finalEval: false,
  evalLimit: null,
  saveEvery: 20,
  numGroupsToLog: 4,
  maxStepsOffPolicy: null,
  rolloutAttempts: 3,
};

const LOSSES: readonly RlConfig["lossFn"][] = ["importance_sampling", "ppo", "cispo"];

/** @param numProblems - Problems to train on. @throws UsageError naming the setting that cannot be. */
export function checkRlConfig(config: RlConfig, numProblems: number): void {
  const check = (name: keyof RlConfig, holds: (value: number) => boolean, expected: string): void => {
    const value = config[name];
    if (value === null || (typeof value === "number" && Number.isFinite(value) && holds(value))) return;
    throw new UsageError(`${name} is ${value}: it must be ${expected}`);
  };
  const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
  check(
    "groupSize",
    whole(2),
    "a whole number from 2: a rollout is compared with the others of its group, and alone its advantage is always 0",
  );
  check("groupsPerBatch", whole(1), "a whole number from 1");
  for (const name of ["maxTokens", "numSubsteps", "numEpochs", "maxSteps", "evalLimit", "rolloutAttempts"] as const) {
    check(name, whole(1), "a whole number from 1");
  }
  for (const name of [
    "seed",
    "samplingSeed",
    "evalEvery",
    "saveEvery",
    "numGroupsToLog",
    "maxStepsOffPolicy",
  ] as const) {
    check(name, whole(0), "a whole number from 0");
  }
  for (const name of ["learningRate", "klPenaltyCoef", "clipLowThreshold", "clipHighThreshold"] as const) {
    check(name, (value) => value >= 0, "a number from 0");
  }
  check("klDiscountFactor", (value) => value >= 0 && value <= 1, "a number from 0 to 1");
  check("temperature", (value) => value > 0, "a number above 0: rollouts that are all alike teach nothing");
  if (!LOSSES.includes(config.lossFn)) {
    throw new UsageError(`lossFn is ${config.lossFn}: it must be one of ${LOSSES.join(", ")}`);
  }
  if (numProblems < config.groupsPerBatch) {
    throw new UsageError(
      `groupsPerBatch is ${config.groupsPerBatch} and there are ${numProblems} problems to train on: lower it or give more data`,
    );
  }
}
