import { type Datum, UsageError } from "@pka/core";
import type { SupervisedExample } from "./renderer.js";

/**
 * The training row that predicts every token of an example from those before it.
 *
 * @param example - T tokens and weights.
 * @param options.maxLength - Tokens to keep, from the left, before the shift. Default all.
 * @param options.reduction - `none` (default, the paper's): weights as they are, so that a long answer weighs more.
 * `mean`: divided by their sum, so that every example weighs the same; weights that are all 0 stay 0.
 * @returns `tokens` t[0 … T−2], `targetTokens` t[1 … T−1] and `weights` w[1 … T−1], for the loss `cross_entropy`.
 * @throws UsageError when fewer than two tokens are there or kept: none would be predicted.
 * @see `conversation_to_datum` of tinker-cookbook, December 2025 for `none`, April 2026 for `mean`.
 */
export function supervisedDatum(
  example: SupervisedExample,
  options: { readonly maxLength?: number; readonly reduction?: "none" | "mean" } = {},
): Datum {
  const { maxLength = Infinity, reduction = "none" } = options;
  const tokens = example.tokens.slice(0, maxLength);
  if (!(maxLength >= 2) || tokens.length < 2) {
    throw new UsageError(`a training row needs at least 2 tokens, not ${Math.min(tokens.length, maxLength)}`);
  }
  const weights = Float32Array.from(example.weights.slice(1, tokens.length));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return {
    tokens: tokens.slice(0, -1),
    targetTokens: tokens.slice(1),
    weights: reduction === "mean" && sum > 0 ? weights.map((weight) => weight / sum) : weights,
  };
}
