import type { Metrics } from "@pka/training";
import { beginRun, type RlStep } from "./begin-run.js";
import { batchAt } from "./problems.js";
import { trajectoryMetrics } from "./rl-metrics.js";
import { rolloutGroup } from "./rollout.js";
import { StepClock } from "./step-clock.js";
import type { TrainRlOptions } from "./train-rl-options.js";
import { updatePolicy } from "./update-policy.js";

/**
 * Reinforcement learning from verifiable answers: a step samples `groupSize` completions of each of `groupsPerBatch` problems, compares
 * every reward with the mean of its group, and updates the policy once. Every step is logged to the run folder before it is handed
 * out. A run that ends in any way is continued by the same call.
 *
 * @throws UsageError for a configuration that cannot be; DivergedError when the service gives what is no number.
 * @see `rl/train.py` of arXiv:2602.22193 and `do_sync_training` of tinker-cookbook, December 2025.
 */
export async function* trainRl(options: TrainRlOptions): AsyncGenerator<RlStep> {
  const { trainingClient: client, run, problems, config, signal } = options;
  const begun = beginRun(options);
  if (begun === undefined) return;
  const { context, pages, firstStep, totalSteps } = begun;
  let saved = firstStep;

  let sampler = await client.saveWeightsAndGetSamplingClient();
  for (let step = firstStep; step < totalSteps; step++) {
    if (signal?.aborted) {
      await begun.stop(step, saved);
      return;
    }
    const clock = new StepClock();
    let metrics: Metrics = {
      "progress/batch": step,
      "optim/lr": config.learningRate,
      "progress/done_frac": (step + 1) / totalSteps,
    };

    // How good is the policy before this step?
    if (begun.isEvaluated(step)) {
      metrics = { ...metrics, ...(await clock.time("run_evals", () => begun.evaluate(sampler, step))) };
    }

    // All rollouts of all problems are in flight at once.
    const batch = batchAt(problems, step, config);
    const attempts = batch.map((problem, group) => rolloutGroup(sampler, problem, [step, group], context));
    const rolledOut = await clock.time("rollout", () => Promise.all(attempts));
    const groups = rolledOut.filter((group) => group !== undefined);
    metrics = { ...metrics, ...trajectoryMetrics(groups) };
    if (groups.length < batch.length) metrics = { ...metrics, "rollout/failed_groups": batch.length - groups.length };
    pages.write("train_iteration", step, groups);

    // Advantages, KL penalty, optimizer steps.
    if (groups.length > 0) metrics = { ...metrics, ...(await updatePolicy(groups, step, options, clock)) };
    else run.logger.warn(`step ${step}: no group could be rolled out, the policy stays as it is`);

    // The policy of the next step; a checkpoint counts once this step's metrics are written.
    const isDue = config.saveEvery > 0 && (step + 1) % config.saveEvery === 0 && step + 1 < totalSteps;
    const checkpoint = isDue ? await clock.time("save_checkpoint", () => begun.save(step + 1)) : undefined;
    sampler = await clock.time("save_checkpoint", () => client.saveWeightsAndGetSamplingClient());
    metrics = { ...metrics, ...clock.metrics() };
    run.logMetrics(step, metrics);
    if (checkpoint) {
      run.commitCheckpoint(checkpoint);
      saved = step + 1;
    }
    yield { step, totalSteps, metrics };
  }

  yield* begun.finish(sampler);
}
