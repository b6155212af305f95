import type { LossFn, LossFnConfig } from "@pka/core";
import { TinkerInputError } from "./errors.js";

/** Core's losses, and `dro`: −Σ (A·logp − β/2·(logp − logq)²), to which positions with advantage 0 contribute too. */
export type TinkerLossFn = LossFn | "dro";

/** Settings of a loss function. */
export interface TinkerLossFnConfig extends LossFnConfig {
  /** `dro` only, and needed there. */
  readonly beta?: number;
}

const POLICY_INPUTS = ["logprobs", "advantages"] as const;

/** The arrays that each loss needs besides the target tokens. */
export const LOSS_INPUTS: Readonly<Record<TinkerLossFn, readonly ("weights" | "logprobs" | "advantages")[]>> = {
  cross_entropy: ["weights"],
  importance_sampling: POLICY_INPUTS,
  ppo: POLICY_INPUTS,
  cispo: POLICY_INPUTS,
  dro: POLICY_INPUTS,
};

const CLIP_LOW = 0.8;
const CLIP_HIGH = 1.2;

/**
 * The configuration as the service takes it. Clip thresholds are always spelled out: the service's own default for `cispo` is 0 and 4,
 * not core's 0.8 and 1.2.
 *
 * @throws TinkerInputError for a loss that is not known, or settings that do not go with it.
 */
export function lossConfigToWire(
  lossFn: TinkerLossFn,
  config: TinkerLossFnConfig = {},
): Record<string, number> | undefined {
  if (!Object.hasOwn(LOSS_INPUTS, lossFn)) {
    throw new TinkerInputError(`unknown loss "${lossFn}"; there are ${Object.keys(LOSS_INPUTS).join(", ")}`);
  }
  const isClipped = lossFn === "ppo" || lossFn === "cispo";
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue;
    const fits = name === "beta" ? lossFn === "dro" : isClipped;
    if (!fits) throw new TinkerInputError(`${name} is no setting of ${lossFn}; leave it out`);
    if (!(value >= 0)) throw new TinkerInputError(`${name} is ${value}, and must be 0 or more`);
  }
  if (isClipped) {
    const { clipLowThreshold = CLIP_LOW, clipHighThreshold = CLIP_HIGH } = config;
    return { clip_low_threshold: clipLowThreshold, clip_high_threshold: clipHighThreshold };
  }
  if (lossFn !== "dro") return undefined;
  if (config.beta === undefined)
    throw new TinkerInputError("dro needs beta: there is no default that is known to be right");
  return { beta: config.beta };
}
