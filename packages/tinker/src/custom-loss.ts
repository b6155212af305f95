import { TinkerInputError } from "./errors.js";
import type { TinkerDatum } from "./wire/datum.js";

/** What a loss of one's own says of a batch. */
export interface CustomLossValue {
  /** In whatever unit; reported, not used. */
  readonly loss: number;
  /** `[D][T]`: the derivative of the loss by the logprob of every target token. */
  readonly gradLogprobs: readonly ArrayLike<number>[];
  /** Reported beside the service's own. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** @param logprobs - `[D][T]`: natural-log probability of every target token. */
export type CustomLoss = (logprobs: readonly Float32Array[]) => CustomLossValue | Promise<CustomLossValue>;

/**
 * The batch whose cross-entropy, −Σ w·logp, has the loss's gradient: w = −dL/dlogp.
 * @throws TinkerInputError when the derivative does not have the batch's shape, or holds no finite number.
 */
export function customLossDatums(data: readonly TinkerDatum[], { gradLogprobs }: CustomLossValue): TinkerDatum[] {
  if (gradLogprobs.length !== data.length) {
    throw new TinkerInputError(`gradLogprobs has ${gradLogprobs.length} rows for ${data.length} datums`);
  }
  return data.map(({ modelInput, lossFnInputs }, index) => {
    const targets = lossFnInputs["target_tokens"]!;
    const gradient = gradLogprobs[index]!;
    const where = `gradLogprobs[${index}]`;
    if (targets.sparse) throw new TinkerInputError(`datums[${index}].target_tokens: a custom loss needs them dense`);
    if (gradient.length !== targets.data.length) {
      throw new TinkerInputError(`${where} has ${gradient.length} elements for ${targets.data.length} target tokens`);
    }
    const weights = Float32Array.from(gradient, (value) => -value);
    const at = weights.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new TinkerInputError(`${where}[${at}] is ${gradient[at]}, and must be a finite number`);
    return {
      modelInput,
      lossFnInputs: { target_tokens: targets, weights: { dtype: "float32", data: weights, shape: targets.shape } },
    };
  });
}
