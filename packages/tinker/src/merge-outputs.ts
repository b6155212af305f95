import type { ForwardBackwardOutput } from "./wire/forward-backward-output.js";

/**
 * One result for the chunks of one call: outputs one after another, metrics by the part of their names after the colon: `sum`, `min`,
 * `max`; `mean` over datums; `slack` the maximum minus that mean; `unique` every value, as `name_1`, `name_2`, …; a name without a
 * colon keeps the first chunk's value. A metric that not every chunk has, or whose part is not known, is left out.
 *
 * @param outputs - At least one.
 */
export function mergeOutputs(outputs: readonly ForwardBackwardOutput[]): ForwardBackwardOutput {
  const [first] = outputs;
  if (outputs.length === 1) return first!;
  const metrics: Record<string, number> = {};
  const weights = outputs.map(({ lossFnOutputs }) => lossFnOutputs.length);
  for (const name of Object.keys(first!.metrics)) {
    if (!outputs.every((output) => Object.hasOwn(output.metrics, name))) continue;
    const values = outputs.map((output) => output.metrics[name]!);
    const reduction = name.includes(":") ? name.slice(name.lastIndexOf(":") + 1) : "first";
    if (reduction === "unique") {
      for (const [index, value] of values.entries()) metrics[index === 0 ? name : `${name}_${index}`] = value;
      continue;
    }
    const value = REDUCTIONS[reduction]?.(values, weights);
    if (value !== undefined) metrics[name] = value;
  }
  return {
    lossFnOutputType: first!.lossFnOutputType,
    lossFnOutputs: outputs.flatMap(({ lossFnOutputs }) => lossFnOutputs),
    metrics,
  };
}

const REDUCTIONS: Readonly<Record<string, (values: readonly number[], weights: readonly number[]) => number>> = {
  first: ([value]) => value!,
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  mean,
  slack: (values, weights) => Math.max(...values) - mean(values, weights),
  hash2: hash,
  hash_unordered: hash,
};

function mean(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, index) => sum + value * (weights[index]! / total), 0);
}

/** The sum modulo 2⁶⁴: the same in whatever order the chunks came. */
function hash(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + (Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n), 0n);
  return Number(BigInt.asUintN(64, sum));
}
