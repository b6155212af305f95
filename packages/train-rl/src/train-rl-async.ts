import type { Metrics } from "@pka/training";
import { beginRun, type RlStep } from "./begin-run.js";
import { batchAt } from "./problems.js";
import { trajectoryMetrics } from "./rl-metrics.js";
import { type PooledGroup, RolloutPool } from "./rollout-pool.js";
import { StepClock } from "./step-clock.js";
import type { TrainRlOptions } from "./train-rl-options.js";
import { updatePolicy } from "./update-policy.js";

/**
 * As `trainRl`, with sampling and training at the same time: `groupsPerBatch` workers roll problems out with the newest policy, and a
 * step trains as soon as a batch of groups is there. A group whose policy is more than `maxStepsOffPolicy` steps old is thrown away
 * and its problem rolled out again. What is left when the problems run out is trained on as a smaller last batch.
 *
 * Which groups make up a batch depends on which are finished first, so two runs differ. A run that is continued goes on with the
 * problems after `step · groupsPerBatch`; groups that were in flight are lost.
 *
 * @see `do_async_training` of tinker-cookbook, December 2025, which waits for ever for a last batch that never fills.
 */
export async function* trainRlAsync(options: TrainRlOptions): AsyncGenerator<RlStep> {
  const { trainingClient: client, run, problems, config, signal } = options;
  const begun = beginRun(options);
  if (begun === undefined) return;
  const { context, pages, firstStep, totalSteps } = begun;
  const maxAge = config.maxStepsOffPolicy ?? 0;

  const remaining = Array.from({ length: Math.max(0, totalSteps - firstStep) }, (_, i) =>
    batchAt(problems, firstStep + i, config),
  ).flat();
  let sampler = await client.saveWeightsAndGetSamplingClient();
  const pool = new RolloutPool(
    remaining,
    firstStep * config.groupsPerBatch,
    { client: sampler, step: firstStep },
    context,
  );
  pool.start(config.groupsPerBatch);

  let step = firstStep;
  let saved = firstStep;
  let isExhausted = false;
  while (!isExhausted && step < totalSteps) {
    if (signal?.aborted) break;
    const clock = new StepClock();
    let metrics: Metrics = {
      "training_client/step": step,
      "optim/lr": config.learningRate,
      "progress/done_frac": (step + 1) / totalSteps,
    };
    if (begun.isEvaluated(step)) {
      metrics = { ...metrics, ...(await clock.time("evaluation_loop/total", () => begun.evaluate(sampler, step))) };
    }

    // A batch of groups that are fresh enough; the last one may be smaller.
    const batch: PooledGroup[] = [];
    let discarded = 0;
    while (batch.length < config.groupsPerBatch) {
      const pooled = await pool.take();
      if (pooled === undefined) {
        isExhausted = true;
        break;
      }
      if (step - pooled.policyStep > maxAge) {
        discarded += 1;
        pool.requeue(pooled);
      } else batch.push(pooled);
    }
    if (batch.length === 0) break;
    const groups = batch.map(({ group }) => group);
    pages.write("train_iteration", step, groups);
    metrics = {
      ...metrics,
      ...trajectoryMetrics(groups),
      ...ages(batch),
      "sampling_client/discarded_groups": discarded,
    };
    metrics = { ...metrics, ...(await updatePolicy(groups, step, options, clock)) };

    sampler = await clock.time("save_checkpoint", () => client.saveWeightsAndGetSamplingClient());
    pool.setPolicy({ client: sampler, step: step + 1 });
    const isDue = config.saveEvery > 0 && (step + 1) % config.saveEvery === 0 && step + 1 < totalSteps;
    const checkpoint = isDue ? await begun.save(step + 1) : undefined;
    const { "time/total": total = 0, ...times } = clock.metrics();
    run.logMetrics(step, { ...metrics, ...times, "time/training_loop/total": total });
    if (checkpoint) {
      run.commitCheckpoint(checkpoint);
      saved = step + 1;
    }
    yield { step, totalSteps, metrics };
    step += 1;
  }

  pool.stop();
  if (signal?.aborted) {
    await begun.stop(step, saved);
    return;
  }
  if (pool.failedGroups > 0) run.logger.warn(`${pool.failedGroups} groups could not be rolled out and were left out`);
  yield* begun.finish(sampler);
}

/** How old the policies of a batch are, and how long its rollouts took. */
function ages(batch: readonly PooledGroup[]): Metrics {
  const spread = (name: string, values: readonly number[]): Metrics => ({
    [`${name}_min`]: Math.min(...values),
    [`${name}_max`]: Math.max(...values),
    [`${name}_mean`]: values.reduce((sum, value) => sum + value, 0) / values.length,
  });
  return {
    ...spread(
      "sampling_client/step",
      batch.map(({ policyStep }) => policyStep),
    ),
    ...spread(
      "time/sampling_time",
      batch.map(({ seconds }) => seconds),
    ),
  };
}
