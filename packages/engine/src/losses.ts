import type { Datum, LossFn, LossFnConfig } from "@pka/core";

/** One token's part of a loss, and how it changes with the token's logprob. */
interface TokenLoss {
  /** Nats. */
  readonly loss: number;
  /** d loss / d logprob. */
  readonly slope: number;
}

/** What a loss knows about one target token: the fields of `Datum`, at one position. */
interface LossInputs {
  readonly weight: number;
  readonly samplerLogprob: number;
  readonly advantage: number;
}

/** What the losses are told beside the datums. */
export interface LossSettings {
  /** Ratios at which `ppo` and `cispo` clip. */
  readonly low: number;
  readonly high: number;
  readonly beta: number;
}

/** β has no default; only `dro` looks at it, and is not computed without one. */
const DEFAULTS: LossSettings = { low: 0.8, high: 1.2, beta: Number.NaN };

type TokenLossFn = (logprob: number, inputs: LossInputs, settings: LossSettings) => TokenLoss;

/**
 * Every loss as a function of one target's logprob; a batch's loss is their sum, so `slope` is all that the backward pass needs.
 * ρ = exp(logprob − samplerLogprob), A the advantage, as in {@link LossFn}. Where A is 0 nothing is added, even if ρ overflows.
 */
export const TOKEN_LOSSES: Readonly<Record<LossFn, TokenLossFn>> = {
  cross_entropy: (logprob, { weight }) => ({ loss: -weight * logprob, slope: -weight }),

  // dρ/dlogprob = ρ
  importance_sampling: (logprob, { samplerLogprob, advantage }) => {
    const objective = product(Math.exp(logprob - samplerLogprob), advantage);
    return { loss: -objective, slope: -objective };
  },

  // Where the clipped branch is the smaller one, it does not change with the logprob.
  ppo: (logprob, { samplerLogprob, advantage }, clip) => {
    const ratio = Math.exp(logprob - samplerLogprob);
    const unclipped = product(ratio, advantage);
    const clipped = clamp(ratio, clip) * advantage;
    return unclipped <= clipped ? { loss: -unclipped, slope: -unclipped } : { loss: -clipped, slope: 0 };
  },

  // The clipped ratio counts as a constant.
  cispo: (logprob, { samplerLogprob, advantage }, clip) => {
    const weight = clamp(Math.exp(logprob - samplerLogprob), clip) * advantage;
    return { loss: -weight * logprob, slope: -weight };
  },

  dro: (logprob, { samplerLogprob, advantage }, { beta }) => {
    const distance = logprob - samplerLogprob;
    return { loss: 0.5 * beta * distance ** 2 - logprob * advantage, slope: beta * distance - advantage };
  },
};

/** Infinity times 0 is 0 here. */
function product(ratio: number, advantage: number): number {
  return advantage === 0 ? 0 : ratio * advantage;
}

function clamp(ratio: number, { low, high }: LossSettings): number {
  return Math.min(Math.max(ratio, low), high);
}

/** The arrays of a datum that each loss needs, and those that it would ignore. */
export const LOSS_FIELDS: Readonly<Record<LossFn, readonly (keyof Datum)[]>> = {
  cross_entropy: ["weights"],
  importance_sampling: ["logprobs", "advantages"],
  ppo: ["logprobs", "advantages"],
  cispo: ["logprobs", "advantages"],
  dro: ["logprobs", "advantages"],
};

export function lossSettings(config: LossFnConfig = {}): LossSettings {
  const { clipLowThreshold = DEFAULTS.low, clipHighThreshold = DEFAULTS.high, beta = DEFAULTS.beta } = config;
  return { low: clipLowThreshold, high: clipHighThreshold, beta };
}
