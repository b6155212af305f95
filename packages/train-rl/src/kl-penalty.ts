import type { SamplingClient } from "@pka/core";
import type { RlDatum } from "./rl-datum.js";

/**
 * Pull the policy towards a reference: δ = (logp_sampler − logp_reference) · mask for every target, δ̄ its mean over the action tokens of
 * the whole batch, and A += coef · mask · (δ̄ − δ). With a discount γ, what is added is first replaced by its sum over the rest of
 * the sequence, y_t = x_t + γ · y_{t+1}.
 *
 * @param referenceLogprobs - `[D][T]`: natural-log probability of every target under the reference.
 * @returns The datums with their new advantages, and δ̄, in nats per token.
 * @see `incorporate_kl_penalty` of tinker-cookbook, December 2025.
 */
export function addKlPenalty(
  datums: readonly RlDatum[],
  referenceLogprobs: readonly ArrayLike<number>[],
  { klPenaltyCoef, klDiscountFactor }: { readonly klPenaltyCoef: number; readonly klDiscountFactor: number },
): { readonly datums: RlDatum[]; readonly klPolicyBase: number } {
  const differences = datums.map(({ logprobs, mask }, d) =>
    logprobs.map((logprob, t) => (mask[t] === 0 ? 0 : (logprob - referenceLogprobs[d]![t]!) * mask[t]!)),
  );
  const total = (arrays: readonly Float32Array[]): number =>
    arrays.reduce((sum, array) => array.reduce((part, value) => part + value, sum), 0);
  const mean = total(differences) / total(datums.map(({ mask }) => mask));
  const adjusted = datums.map((datum, d): RlDatum => {
    const added = datum.mask.map((mask, t) => klPenaltyCoef * mask * (mean - differences[d]![t]!));
    const penalty = klDiscountFactor > 0 ? discountedSuffixSum(added, klDiscountFactor) : added;
    return { ...datum, advantages: datum.advantages.map((advantage, t) => advantage + penalty[t]!) };
  });
  return { datums: adjusted, klPolicyBase: mean };
}

function discountedSuffixSum(values: Float32Array, discount: number): Float32Array {
  const sums = values.slice();
  for (let t = sums.length - 2; t >= 0; t--) sums[t] = sums[t]! + discount * sums[t + 1]!;
  return sums;
}

/** `[D][T]`: natural-log probability of every target under a model. All sequences are asked at once. */
export async function targetLogprobs(client: SamplingClient, datums: readonly RlDatum[]): Promise<Float64Array[]> {
  const sequences = datums.map(({ tokens, targetTokens }) => [...tokens, targetTokens.at(-1)!]);
  const results = await Promise.all(sequences.map((sequence) => client.computeLogprobs(sequence)));
  // The first token has nothing before it that would predict it.
  return results.map((logprobs) => Float64Array.from(logprobs.slice(1), (logprob) => logprob ?? Number.NaN));
}
