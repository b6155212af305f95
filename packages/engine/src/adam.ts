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

/**
 * One Adam step over all parameters at once. @param step - 1 for the first.
 * @returns The gradient's norm before clipping.
 * @throws EngineInputError for a parameter out of range, or a gradient that is not finite; nothing has changed then.
 */
export function adamStep(model: Transformer, trainable: Trainable, step: number, params: AdamParams): number {
  const { learningRate, beta1, beta2, eps, weightDecay, gradClipNorm } = checkAdamParams(params);
  const { kernels } = model;
  const bytes = trainable.length * F32_BYTES;
  const norm = Math.sqrt(kernels.sumOfSquares(bytes, trainable.gradients));
  if (!Number.isFinite(norm)) {
    throw new EngineInputError("the gradient is not finite: lower the learning rate, the weights or the advantages");
  }
  const scale = gradClipNorm > 0 && norm > gradClipNorm ? gradClipNorm / norm : 1;
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
  return norm;
}

function checkAdamParams(params: AdamParams): Required<AdamParams> {
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
