import type { Datum, LossFnConfig, TrainingClient } from "@pka/core";
import { ADAM, DivergedError, type Metrics } from "@pka/training";
import type { RlConfig } from "./rl-config.js";
import type { RlDatum } from "./rl-datum.js";

/**
 * Update the policy on a batch, cut into `numSubsteps` contiguous parts with an optimizer step each. All requests are sent before the
 * first is awaited.
 *
 * @returns `[D][T]`: the trainer's logprobs of every target, before the optimizer step of its part; and the optimizer's metrics.
 * @throws DivergedError when one of them is no number.
 */
export async function trainStep(
  client: TrainingClient,
  datums: readonly RlDatum[],
  config: RlConfig,
  step: number,
): Promise<{ readonly logprobs: readonly ArrayLike<number>[]; readonly metrics: Metrics }> {
  const parts = splitEvenly(datums, config.numSubsteps);
  const updates = await Promise.all(
    parts.map(async (part) => {
      const [pass, update] = await Promise.all([
        client.forwardBackward(part.map(toDatum), config.lossFn, lossFnConfig(config)),
        client.optimStep({ ...ADAM, learningRate: config.learningRate }),
      ]);
      return { logprobs: pass.logprobs, loss: pass.loss, metrics: update.metrics };
    }),
  );
  const logprobs = updates.flatMap((update) => update.logprobs);
  const bad = datums.findIndex(({ mask }, d) => mask.some((on, t) => on === 1 && !Number.isFinite(logprobs[d]![t])));
  if (bad >= 0) throw new DivergedError(step, `the trainer's logprobs of datum ${bad} are no finite numbers`);
  return { logprobs, metrics: Object.assign({}, ...updates.map(({ metrics }) => metrics)) as Metrics };
}

/** Contiguous parts that differ in size by one at most, cut at floor(k · n / parts). */
export function splitEvenly<T>(items: readonly T[], numParts: number): T[][] {
  const parts = Math.min(numParts, items.length);
  const cut = (k: number): number => Math.floor((k * items.length) / parts);
  return Array.from({ length: parts }, (_, k) => items.slice(cut(k), cut(k + 1)));
}

/** Without the mask, which is not sent. */
function toDatum({ tokens, targetTokens, logprobs, advantages }: RlDatum): Datum {
  return { tokens, targetTokens, logprobs, advantages };
}

function lossFnConfig({ lossFn, clipLowThreshold, clipHighThreshold }: RlConfig): LossFnConfig | undefined {
  if (lossFn === "importance_sampling") return undefined;
  return {
    ...(clipLowThreshold !== null && { clipLowThreshold }),
    ...(clipHighThreshold !== null && { clipHighThreshold }),
  };
}
