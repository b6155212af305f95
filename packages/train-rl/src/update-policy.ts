import { UsageError } from "@pka/core";
import { DivergedError, type Metrics, tokenSpans } from "@pka/training";
import { addKlPenalty, targetLogprobs } from "./kl-penalty.js";
import { trajectoryDatums, type RlDatum } from "./rl-datum.js";
import { klEstimates, withoutConstantGroups } from "./rl-metrics.js";
import type { TrajectoryGroup } from "./rollout.js";
import type { StepClock } from "./step-clock.js";
import type { TrainRlOptions } from "./train-rl-options.js";
import { trainStep } from "./train-step.js";

/** One update on rolled-out groups. @returns Its metrics. */
export async function updatePolicy(
  groups: readonly TrajectoryGroup[],
  step: number,
  options: TrainRlOptions,
  clock: StepClock,
): Promise<Metrics> {
  const { trainingClient: client, config } = options;
  const kept = config.removeConstantRewardGroups ? withoutConstantGroups(groups) : groups;
  const unpenalized = await clock.time("assemble_training_data", async () => trajectoryDatums(kept));
  show(kept, unpenalized, options);

  // Hold the policy to the reference.
  const { datums, klPolicyBase } = await clock.time("kl_vs_base", () => penalize(unpenalized, step, options));

  const { logprobs, metrics: optimizer } = await clock.time("train", () => trainStep(client, datums, config, step));
  const kl = await clock.time("compute_kl_sample_train", async () => klEstimates(datums, logprobs));
  const metrics: Metrics = {
    ...optimizer,
    ...(klPolicyBase !== undefined && { kl_policy_base: klPolicyBase }),
    "optim/kl_sample_train_v1": kl.v1,
    "optim/kl_sample_train_v2": kl.v2,
    "optim/entropy": kl.entropy,
  };
  if (!config.computePostKl) return metrics;

  // How far did the update move the policy on these very tokens?
  const post = await clock.time("compute_post_kl", async () => {
    const updated = await client.saveWeightsAndGetSamplingClient();
    return klEstimates(datums, await targetLogprobs(updated, datums));
  });
  return { ...metrics, kl_pre_post_v1: post.v1, kl_pre_post_v2: post.v2 };
}

async function penalize(
  datums: RlDatum[],
  step: number,
  { config, referenceClient }: TrainRlOptions,
): Promise<{ readonly datums: RlDatum[]; readonly klPolicyBase?: number }> {
  if (config.klPenaltyCoef === 0) return { datums };
  if (referenceClient === undefined) {
    throw new UsageError(`klPenaltyCoef is ${config.klPenaltyCoef}: that needs a reference client`);
  }
  const penalized = addKlPenalty(datums, await targetLogprobs(referenceClient, datums), config);
  if (Number.isFinite(penalized.klPolicyBase)) return penalized;
  throw new DivergedError(step, "the reference model's logprobs are no finite numbers");
}

/** The best, the worst and two between them, of each of the first two groups. */
function show(groups: readonly TrajectoryGroup[], datums: readonly RlDatum[], options: TrainRlOptions): void {
  const { onRollout, renderer } = options;
  if (onRollout === undefined) return;
  let first = 0;
  for (const { trajectories } of groups.slice(0, 2)) {
    const ranked = trajectories
      .map(({ reward }, i) => ({ reward, datum: datums[first + i]! }))
      .toSorted((a, b) => a.reward - b.reward);
    const count = Math.min(4, ranked.length);
    const ranks = Array.from({ length: count }, (_, k) =>
      Math.floor((k * (ranked.length - 1)) / Math.max(1, count - 1)),
    );
    for (const { reward, datum } of ranks.map((rank) => ranked[rank]!)) {
      onRollout(tokenSpans(renderer.tokenizer, datum.targetTokens, datum.advantages), reward);
    }
    first += trajectories.length;
  }
}
