import type { SamplingClient } from "@pka/core";
import type { Metrics } from "@pka/training";
import type { Problem } from "./problems.js";
import { type RolloutContext, rolloutGroup, type TrajectoryGroup } from "./rollout.js";
import { trajectoryMetrics, withPrefix } from "./rl-metrics.js";

/** Measures the policy at a step. */
export interface RlEvaluator {
  /** The prefix of its metrics: `test` makes `test/…`. */
  readonly name: string;
  /** @returns Metrics without the prefix, and rollouts to show where there are some. */
  evaluate(
    client: SamplingClient,
    step: number,
  ): Promise<{ readonly metrics: Metrics; readonly groups?: readonly TrajectoryGroup[] }>;
}

/** The paper's: one attempt at every validation problem, with the sampling of the rollouts. */
export function testEvaluator(problems: readonly Problem[], context: RolloutContext): RlEvaluator {
  const asked = problems.slice(0, context.config.evalLimit ?? Infinity);
  return {
    name: "test",
    async evaluate(client, step) {
      const attempts = asked.map((problem, i) => rolloutGroup(client, problem, ["test", step, i], context, 1));
      const groups = (await Promise.all(attempts)).filter((group) => group !== undefined);
      const failed = asked.length - groups.length;
      return { metrics: { ...trajectoryMetrics(groups), ...(failed > 0 && { failed_groups: failed }) }, groups };
    },
  };
}

/** Run evaluators one after another. */
export async function runEvaluators(
  evaluators: readonly RlEvaluator[],
  client: SamplingClient,
  step: number,
  onGroups: (name: string, groups: readonly TrajectoryGroup[]) => void,
): Promise<Metrics> {
  let all: Metrics = {};
  for (const evaluator of evaluators) {
    const { metrics, groups } = await evaluator.evaluate(client, step);
    all = { ...all, ...withPrefix(`${evaluator.name}/`, metrics) };
    if (groups) onGroups(evaluator.name, groups);
  }
  return all;
}
