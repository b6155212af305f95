import type { Metrics } from "@pka/training";
import type { RlDatum } from "./rl-datum.js";
import type { Trajectory, TrajectoryGroup } from "./rollout.js";

/** What rollouts were like, by the names of tinker-cookbook: `env/all/…`. Each episode has one turn. */
export function trajectoryMetrics(groups: readonly TrajectoryGroup[]): Metrics {
  const trajectories = groups.flatMap((group) => group.trajectories);
  const sum = (value: (trajectory: Trajectory) => number): number =>
    trajectories.reduce((total, trajectory) => total + value(trajectory), 0);
  const count = trajectories.length;
  const actionTokens = sum(({ tokens }) => tokens.length);
  const observationTokens = sum(({ prompt }) => prompt.length);
  const names = new Set(trajectories.flatMap(({ metrics }) => Object.keys(metrics)));
  const means = [...names].map((name) => [name, sum(({ metrics }) => metrics[name] ?? 0) / count] as const);
  const all: Metrics = {
    ac_tokens_per_turn: actionTokens / count,
    ob_tokens_per_turn: observationTokens / count,
    turns_per_episode: 1,
    total_episodes: count,
    total_turns: count,
    total_ac_tokens: actionTokens,
    total_ob_tokens: observationTokens,
    "reward/total": sum(({ reward }) => reward) / count,
    ...Object.fromEntries(means),
    ...byGroup(groups),
  };
  return withPrefix("env/all/", all);
}

/** Shares of groups with different rewards, and with the same good (≥ 0.5) or bad one. */
function byGroup(groups: readonly TrajectoryGroup[]): Metrics {
  const share = (holds: (rewards: readonly number[]) => boolean): number =>
    groups.filter(({ trajectories }) => holds(trajectories.map(({ reward }) => reward))).length / groups.length;
  return {
    "by_group/frac_mixed": share((rewards) => !isConstant(rewards)),
    "by_group/frac_all_good": share((rewards) => isConstant(rewards) && rewards[0]! >= 0.5),
    "by_group/frac_all_bad": share((rewards) => isConstant(rewards) && rewards[0]! < 0.5),
  };
}

function isConstant(rewards: readonly number[]): boolean {
  return rewards.every((reward) => reward === rewards[0]);
}

/** The groups whose rewards differ; where none do, the first, so that a batch is never empty. */
export function withoutConstantGroups(groups: readonly TrajectoryGroup[]): TrajectoryGroup[] {
  const mixed = groups.filter(({ trajectories }) => !isConstant(trajectories.map(({ reward }) => reward)));
  return mixed.length > 0 ? mixed : groups.slice(0, 1);
}

/**
 * How far apart two policies are on the action tokens: v1 = mean(logp_q − logp), v2 = ½ · mean((logp_q − logp)²); q is the sampler.
 *
 * @param logprobs - `[D][T]` under the other policy.
 */
export function klEstimates(
  datums: readonly RlDatum[],
  logprobs: readonly ArrayLike<number>[],
): { readonly v1: number; readonly v2: number; readonly entropy: number } {
  let count = 0;
  let first = 0;
  let second = 0;
  let entropy = 0;
  for (const [d, { mask, logprobs: sampled }] of datums.entries()) {
    for (let t = 0; t < mask.length; t++) {
      if (mask[t] === 0) continue;
      const difference = sampled[t]! - logprobs[d]![t]!;
      count += 1;
      first += difference;
      second += difference * difference;
      entropy -= sampled[t]!;
    }
  }
  return { v1: first / count, v2: second / count / 2, entropy: entropy / count };
}

/** Metrics with longer names. */
export function withPrefix(prefix: string, metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [prefix + name, value]));
}
