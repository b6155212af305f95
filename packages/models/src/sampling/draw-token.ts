import type { Sampling } from "@pka/core";

/**
 * Draw one token from the softmax of `logits / temperature`, cut to the smallest set of most likely tokens whose probability
 * reaches `topP`. Temperature 0 takes the most likely token, the first of equal ones.
 *
 * @param logits - One per token id.
 * @param random - Uniform in [0, 1).
 * @throws RangeError when no logit is finite.
 */
export function drawToken(logits: Float32Array, { temperature, topP }: Sampling, random: () => number): number {
  const best = indexOfMax(logits);
  if (temperature === 0) return best;

  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]!) / temperature));
  const candidates = topP < 1 ? nucleus(weights, topP) : [...weights.keys()];
  let left = random() * candidates.reduce((sum, id) => sum + weights[id]!, 0);
  for (const id of candidates) {
    left -= weights[id]!;
    if (left < 0) return id;
  }
  return best; // rounding left a crumb over
}

function indexOfMax(values: Float32Array): number {
  let best = -1;
  for (let index = 0; index < values.length; index += 1) {
    if (Number.isFinite(values[index]!) && (best < 0 || values[index]! > values[best]!)) best = index;
  }
  if (best < 0) throw new RangeError("the model computed no finite logit");
  return best;
}

/** Ids of the smallest set that holds at least the share `topP` of all weight, heaviest first. */
function nucleus(weights: Float64Array, topP: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // All ids below this together weigh less than what may be left out, so they need no sorting.
  const floor = (total * (1 - topP)) / weights.length;
  const heavy: number[] = [];
  for (const [id, weight] of weights.entries()) if (weight >= floor) heavy.push(id);
  const sorted = heavy.toSorted((a, b) => weights[b]! - weights[a]!);
  let held = 0;
  const last = sorted.findIndex((id) => (held += weights[id]!) >= topP * total);
  return last < 0 ? sorted : sorted.slice(0, last + 1);
}
