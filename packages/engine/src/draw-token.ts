import type { Random, SamplingParams } from "@pka/core";

/** Below this, sampling is greedy: 1 / temperature would leave the range of single precision. */
const MIN_TEMPERATURE = 1e-4;

/** How one completion is drawn, complete. */
export type DrawParams = Required<Pick<SamplingParams, "temperature" | "topP" | "topK">>;

/** A token and its natural-log probability. */
export interface DrawnToken {
  readonly token: number;
  readonly logprob: number;
}

/** What logits are multiplied by before the softmax: 1 / temperature, and 1 for greedy sampling. */
export function sharpness({ temperature }: DrawParams): number {
  return isGreedy(temperature) ? 1 : 1 / temperature;
}

function isGreedy(temperature: number): boolean {
  return temperature < MIN_TEMPERATURE;
}

/**
 * Draw from probabilities proportional to `weights`. Top-k is cut first, then the smallest set of the rest that holds topP of its
 * probability. The logprob is that of the distribution drawn from, cuts included; a greedy draw has the model's own (temperature 1).
 */
export function drawToken(weights: Float32Array, params: DrawParams, random: Random): DrawnToken {
  if (isGreedy(params.temperature)) {
    const token = weights.indexOf(weights.reduce((largest, weight) => Math.max(largest, weight), 0));
    return { token, logprob: Math.log(weights[token]! / sum(weights)) };
  }
  const isCut = params.topP < 1 || (params.topK > 0 && params.topK < weights.length);
  const kept = isCut ? cut(weights, params) : weights;
  const total = sum(kept);
  const mark = random.next() * total;
  let cumulative = 0;
  let token = -1;
  for (let id = 0; id < kept.length && cumulative <= mark; id++) {
    if (kept[id] === 0) continue;
    cumulative += kept[id]!;
    token = id;
  }
  return { token, logprob: Math.log(kept[token]! / total) };
}

/** The weights with all but the likeliest set to 0; of equals, the lower id counts as likelier. */
function cut(weights: Float32Array, { topK, topP }: DrawParams): Float32Array {
  const order = [...weights.keys()].toSorted((a, b) => weights[b]! - weights[a]! || a - b);
  const first = topK > 0 ? order.slice(0, topK) : order;
  const needed = topP * first.reduce((total, id) => total + weights[id]!, 0);
  const kept = new Float32Array(weights.length);
  let cumulative = 0;
  for (const id of first) {
    if (cumulative >= needed) break;
    kept[id] = weights[id]!;
    cumulative += weights[id]!;
  }
  return kept;
}

function sum(weights: Float32Array): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  return total;
}
