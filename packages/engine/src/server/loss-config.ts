import type { Datum, LossFn, LossFnConfig } from "@pka/core";
import { EngineInputError } from "../errors.js";
import { LOSS_FIELDS } from "../losses.js";

/** Per loss, the numbers that the API lets a client set, and the API's own defaults. */
const CONFIG_KEYS: Readonly<Record<LossFn, Readonly<Record<string, number | undefined>>>> = {
  cross_entropy: {},
  importance_sampling: {},
  ppo: { clip_low_threshold: 0.8, clip_high_threshold: 1.2 },
  cispo: { clip_low_threshold: 0, clip_high_threshold: 4 },
  dro: { beta: undefined },
};

/** @throws EngineInputError for an unknown name. */
export function parseLossFn(name: string): LossFn {
  if (Object.hasOwn(CONFIG_KEYS, name)) return name as LossFn;
  throw new EngineInputError(`unknown loss_fn "${name}"; there are ${Object.keys(CONFIG_KEYS).join(", ")}`);
}

/** `loss_fn_config` with the API's defaults. @throws EngineInputError for a key that the loss does not take, or text. */
export function parseLossConfig(lossFn: LossFn, given: Readonly<Record<string, number | string>> = {}): LossFnConfig {
  const defaults = CONFIG_KEYS[lossFn];
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, key)) {
      const known = Object.keys(defaults).join(", ") || "none";
      throw new EngineInputError(`loss_fn_config.${key} is not known to ${lossFn}; it takes ${known}`);
    }
    if (typeof value === "number" && !(value >= 0 && value < Infinity)) {
      throw new EngineInputError(`loss_fn_config.${key} is ${value}, and must be a number from 0`);
    }
    if (typeof value === "string")
      throw new EngineInputError(`loss_fn_config.${key} is "${value}", and must be a number`);
  }
  const { clip_low_threshold: low, clip_high_threshold: high, beta } = { ...defaults, ...given };
  if (lossFn === "dro" && !beta) throw new EngineInputError("dro needs loss_fn_config.beta, a number above 0");
  return {
    ...(typeof low === "number" && { clipLowThreshold: low }),
    ...(typeof high === "number" && { clipHighThreshold: high }),
    ...(typeof beta === "number" && { beta }),
  };
}

/** The arrays of floats that a loss takes, by their names in the API, which are those of {@link Datum}. */
export function floatInputs(lossFn: LossFn): readonly ("weights" | "logprobs" | "advantages")[] {
  const isFloats = (field: keyof Datum) => field === "weights" || field === "logprobs" || field === "advantages";
  return LOSS_FIELDS[lossFn].filter((field) => isFloats(field));
}
