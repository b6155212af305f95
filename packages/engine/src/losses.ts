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

export interface ClipThresholds {
  readonly low: number;
  readonly high: number;
}

/** Ratios at which `ppo` and `cispo` clip unless told otherwise. */
const DEFAULT_CLIP: ClipThresholds = { low: 0.8, high: 1.2 };

type TokenLossFn = (logprob: number, inputs: LossInputs, clip: ClipThresholds) => TokenLoss;

/**
 * Every loss as a function of one target's logprob; a batch's loss is their sum, so `slope` is all that the backward pass needs.
 * ρ = exp(logprob − samplerLogprob), A the advantage, as in {@link LossFn}.
 */
export const TOKEN_LOSSES: Readonly<Record<LossFn, TokenLossFn>> = {
  cross_entropy: (logprob, { weight }) => ({ loss: -weight * logprob, slope: -weight }),

  // dρ/dlogprob = ρ
  importance_sampling: (logprob, { samplerLogprob, advantage }) => {
    const objective = Math.exp(logprob - samplerLogprob) * advantage;
    return { loss: -objective, slope: -objective };
  },

  // Where the clipped branch is the smaller one, it does not change with the logprob.
  ppo: (logprob, { samplerLogprob, advantage }, clip) => {
    const ratio = Math.exp(logprob - samplerLogprob);
    const unclipped = ratio * advantage;
    const clipped = clamp(ratio, clip) * advantage;
    return unclipped <= clipped ? { loss: -unclipped, slope: -unclipped } : { loss: -clipped, slope: 0 };
  },

  // The clipped ratio counts as a constant.
  cispo: (logprob, { samplerLogprob, advantage }, clip) => {
    const weight = clamp(Math.exp(logprob - samplerLogprob), clip) * advantage;
    return { loss: -weight * logprob, slope: -weight };
  },
};

function clamp(ratio: number, { low, high }: ClipThresholds): number {
  return Math.min(Math.max(ratio, low), high);
}

/** The arrays of a datum that each loss needs, and those that it would ignore. */
export const LOSS_FIELDS: Readonly<Record<LossFn, readonly (keyof Datum)[]>> = {
  cross_entropy: ["weights"],
  importance_sampling: ["logprobs", "advantages"],
  ppo: ["logprobs", "advantages"],
  cispo: ["logprobs", "advantages"],
};

export function clipThresholds(config: LossFnConfig = {}): ClipThresholds {
  const { clipLowThreshold = DEFAULT_CLIP.low, clipHighThreshold = DEFAULT_CLIP.high } = config;
  return { low: clipLowThreshold, high: clipHighThreshold };
}
