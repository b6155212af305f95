import { checkpointName, FINAL, type Metrics, saveCheckpoint } from "@pka/training";
import { type RlEvaluator, runEvaluators, testEvaluator } from "./evaluator.js";
import { batchAt, rlTotalSteps } from "./problems.js";
import { checkRlConfig } from "./rl-config.js";
import { type RolloutContext, rolloutGroup } from "./rollout.js";
import { RunPages } from "./run-pages.js";
import { trajectoryMetrics } from "./rl-metrics.js";
import type { TrainRlOptions } from "./train-rl-options.js";
import { triviaEnv } from "./trivia-env.js";
import { StepClock } from "./step-clock.js";
import { updatePolicy } from "./update-policy.js";

/** One step of the run, done and logged. */
export interface RlStep {
  /** From 0. */
  readonly step: number;
  readonly totalSteps: number;
  readonly metrics: Metrics;
}

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
  checkRlConfig(config, problems.length);
  const { logger, resumePoint } = run;
  if (resumePoint?.name === FINAL) {
    logger.info("the run is complete already");
    return;
  }
  const context = rolloutContext(options);
  const evaluators = allEvaluators(options, context);
  const pages = new RunPages(run, config.numGroupsToLog);
  const totalSteps = rlTotalSteps(problems.length, config);
  const firstStep = resumePoint?.batch ?? 0;
  let saved = firstStep;

  let sampler = await client.saveWeightsAndGetSamplingClient();
  for (let step = firstStep; step < totalSteps; step++) {
    if (signal?.aborted) {
      if (saved < step) {
        const at = { name: checkpointName(step), batch: step };
        run.commitCheckpoint(await saveCheckpoint(client, at, { sampler: true }));
      }
      logger.info(`stopped before step ${step} of ${totalSteps}`);
      return;
    }
    const clock = new StepClock();
    let metrics: Metrics = {
      "progress/batch": step,
      "optim/lr": config.learningRate,
      "progress/done_frac": (step + 1) / totalSteps,
    };

    // How good is the policy before this step?
    if (config.evalEvery > 0 && step % config.evalEvery === 0 && evaluators.length > 0) {
      const evaluation = await clock.time("run_evals", () =>
        runEvaluators(evaluators, sampler, step, (name, groups) => pages.write(`eval_${name}_iteration`, step, groups)),
      );
      metrics = { ...metrics, ...evaluation };
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
    else logger.warn(`step ${step}: no group could be rolled out, the policy stays as it is`);

    // The policy of the next step; a checkpoint counts once this step's metrics are written.
    const isDue = config.saveEvery > 0 && (step + 1) % config.saveEvery === 0 && step + 1 < totalSteps;
    const at = { name: checkpointName(step + 1), batch: step + 1 };
    const checkpoint = isDue
      ? await clock.time("save_checkpoint", () => saveCheckpoint(client, at, { sampler: true }))
      : undefined;
    sampler = await clock.time("save_checkpoint", () => client.saveWeightsAndGetSamplingClient());
    metrics = { ...metrics, ...clock.metrics() };
    run.logMetrics(step, metrics);
    if (checkpoint) {
      run.commitCheckpoint(checkpoint);
      saved = step + 1;
    }
    yield { step, totalSteps, metrics };
  }

  if (config.finalEval && evaluators.length > 0) {
    const metrics = await runEvaluators(evaluators, sampler, totalSteps, (name, groups) =>
      pages.write(`eval_${name}_iteration`, totalSteps, groups),
    );
    run.logMetrics(totalSteps, metrics);
    yield { step: totalSteps, totalSteps, metrics };
  }
  const end = { name: FINAL, batch: totalSteps };
  run.commitCheckpoint(await saveCheckpoint(client, end, { sampler: true }));
}

export function rolloutContext(options: TrainRlOptions): RolloutContext {
  const { renderer, env = triviaEnv(), config, run, abortSignal, retryDelayMs } = options;
  return { renderer, env, config, logger: run.logger, abortSignal, retryDelayMs };
}

export function allEvaluators(
  { validation = [], evaluators = [] }: TrainRlOptions,
  context: RolloutContext,
): readonly RlEvaluator[] {
  return validation.length > 0 ? [testEvaluator(validation, context), ...evaluators] : evaluators;
}
