import type { AdamParams } from "@pka/core";

/** Adam as the paper's trainers set it: betas 0.9 and 0.95, eps 1e-8 (the service's own default is 1e-12), no decay, no clipping. */
export const ADAM = { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0 } as const satisfies Omit<
  AdamParams,
  "learningRate"
>;
