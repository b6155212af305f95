import type { AdamParams } from "@pka/core";
import { EngineInputError } from "./errors.js";
import { F32_BYTES } from "./kernels/expressions.js";
import type { Transformer } from "./transformer.js";

/** Tinker's defaults. */
export const ADAM_DEFAULTS = { beta1: 0.9, beta2: 0.95, eps: 1e-12, weightDecay: 0, gradClipNorm: 0 };

/** Addresses of one flat set of parameters and what Adam keeps about it. */
export interface Trainable {
  readonly length: number;
  readonly parameters: number;
  readonly gradients: number;
  readonly first: number;
  readonly second: number;
}

/** The gradient's Euclidean norm. */
export function gradientNorm({ kernels }: Transformer, { length, gradients }: Trainable): number {
  return Math.sqrt(kernels.sumOfSquares(length * F32_BYTES, gradients));
}

/** One Adam step over all parameters at once. @param step - 1 for the first. @param gradNorm - See {@link gradientNorm}. */
export function adamStep(
  { kernels }: Transformer,
  trainable: Trainable,
  adam: Required<AdamParams> & { readonly step: number; readonly gradNorm: number },
): void {
  const { learningRate, beta1, beta2, eps, weightDecay, gradClipNorm, step, gradNorm } = adam;
  const bytes = trainable.length * F32_BYTES;
  const scale = gradClipNorm > 0 && gradNorm > gradClipNorm ? gradClipNorm / gradNorm : 1;
  const { parameters, gradients, first, second } = trainable;
  const [c1, c2] = [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)];
  kernels.adam(
    bytes,
    parameters,
    gradients,
    first,
    second,
    scale,
    learningRate,
    beta1,
    beta2,
    eps,
    weightDecay,
    c1,
    c2,
  );
}

/** With Tinker's defaults for what is not given. @throws EngineInputError naming the parameter that is out of range. */
export function checkAdamParams(params: AdamParams): Required<AdamParams> {
  const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
  const complete: Required<AdamParams> = { ...ADAM_DEFAULTS, learningRate: params.learningRate, ...given };
  const require = (field: keyof AdamParams, holds: boolean, range: string): void => {
    if (!holds) throw new EngineInputError(`${field} is ${complete[field]}, and must be ${range}`);
  };
  const { learningRate, beta1, beta2, eps, weightDecay, gradClipNorm } = complete;
  require("learningRate", Number.isFinite(learningRate) && learningRate >= 0, "0 or more");
  require("beta1", beta1 >= 0 && beta1 < 1, "in [0, 1)");
  require("beta2", beta2 >= 0 && beta2 < 1, "in [0, 1)");
  require("eps", Number.isFinite(eps) && eps > 0, "above 0");
  require("weightDecay", Number.isFinite(weightDecay) && weightDecay >= 0, "0 or more");
  require("gradClipNorm", Number.isFinite(gradClipNorm) && gradClipNorm >= 0, "0 or more");
  return complete;
}
