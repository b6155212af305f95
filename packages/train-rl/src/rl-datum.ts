import { computeAdvantages } from "./advantages.js";
import type { Trajectory, TrajectoryGroup } from "./rollout.js";

/** One trajectory as a training row. Every array has length T = prompt + completion − 1; positions are those of the targets. */
export interface RlDatum {
  readonly tokens: readonly number[];
  readonly targetTokens: readonly number[];
  /** 0 on the prompt, then the sampler's. */
  readonly logprobs: Float32Array;
  /** 0 on the prompt, then the trajectory's advantage. */
  readonly advantages: Float32Array;
  /** 0 on the prompt, then 1. Not sent. */
  readonly mask: Float32Array;
}

/** The training rows of groups, one per trajectory, in order. */
export function trajectoryDatums(groups: readonly TrajectoryGroup[]): RlDatum[] {
  return groups.flatMap(({ trajectories }) => {
    const advantages = computeAdvantages(trajectories.map(({ reward }) => reward));
    return trajectories.map((trajectory, i) => rlDatum(trajectory, advantages[i]!));
  });
}

/** Prompt and completion, shifted by one: the last token of the prompt predicts the first of the completion. */
export function rlDatum(trajectory: Pick<Trajectory, "prompt" | "tokens" | "logprobs">, advantage: number): RlDatum {
  const { prompt, tokens: completion, logprobs } = trajectory;
  const sequence = [...prompt, ...completion];
  const start = prompt.length - 1;
  const onCompletion = (value: (i: number) => number): Float32Array =>
    Float32Array.from({ length: sequence.length - 1 }, (_, t) => (t < start ? 0 : value(t - start)));
  return {
    tokens: sequence.slice(0, -1),
    targetTokens: sequence.slice(1),
    logprobs: onCompletion((i) => logprobs[i]!),
    advantages: onCompletion(() => advantage),
    mask: onCompletion(() => 1),
  };
}
