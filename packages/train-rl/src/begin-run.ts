import type { SamplingClient } from "@pka/core";
import { checkpointName, FINAL, type Metrics, saveCheckpoint } from "@pka/training";
import { runEvaluators, testEvaluator } from "./evaluator.js";
import { rlTotalSteps } from "./problems.js";
import { checkRlConfig } from "./rl-config.js";
import type { RolloutContext } from "./rollout.js";
import { RunPages } from "./run-pages.js";
import type { TrainRlOptions } from "./train-rl-options.js";
import { triviaEnv } from "./trivia-env.js";

/** One step of the run, done and logged. */
export interface RlStep {
  /** From 0. */
  readonly step: number;
  readonly totalSteps: number;
  readonly metrics: Metrics;
}

/** What both loops, synchronous and not, stand on. */
export interface RlRun {
  readonly context: RolloutContext;
  readonly pages: RunPages;
  readonly firstStep: number;
  readonly totalSteps: number;
  /** Is the policy measured before this step? */
  isEvaluated(step: number): boolean;
  /** Run every evaluator on the policy before this step. */
  evaluate(policy: SamplingClient, step: number): Promise<Metrics>;
  /** Save state and sampler before this step; the caller commits the checkpoint. */
  save(step: number): ReturnType<typeof saveCheckpoint>;
  /** The run was stopped before this step: a checkpoint, unless the last one is of this very step. */
  stop(step: number, saved: number): Promise<void>;
  /** After the last step: the evaluation that is asked for, then the final checkpoint. */
  finish(policy: SamplingClient): AsyncGenerator<RlStep>;
}

/**
 * Check the configuration, and find out where the run stands.
 *
 * @returns `undefined` for a run that is complete already.
 * @throws UsageError for a configuration that cannot be.
 */
export function beginRun(options: TrainRlOptions): RlRun | undefined {
  const { trainingClient: client, run, problems, config, validation = [], env = triviaEnv() } = options;
  checkRlConfig(config, problems.length);
  const { logger, resumePoint } = run;
  if (resumePoint?.name === FINAL) {
    logger.info("the run is complete already");
    return undefined;
  }
  const { renderer, abortSignal, retryDelayMs } = options;
  const context: RolloutContext = { renderer, env, config, logger, abortSignal, retryDelayMs };
  const own = options.evaluators ?? [];
  const evaluators = validation.length > 0 ? [testEvaluator(validation, context), ...own] : own;
  const pages = new RunPages(run, config.numGroupsToLog);
  const totalSteps = rlTotalSteps(problems.length, config);

  const evaluate: RlRun["evaluate"] = (policy, step) =>
    runEvaluators(evaluators, policy, step, (name, groups) => pages.write(`eval_${name}_iteration`, step, groups));
  const save = (step: number, name = checkpointName(step)) =>
    saveCheckpoint(client, { name, batch: step }, { sampler: true });
  return {
    context,
    pages,
    firstStep: resumePoint?.batch ?? 0,
    totalSteps,
    isEvaluated: (step) => config.evalEvery > 0 && step % config.evalEvery === 0 && evaluators.length > 0,
    evaluate,
    save: (step) => save(step),
    async stop(step, saved) {
      if (saved < step) run.commitCheckpoint(await save(step));
      logger.info(`stopped before step ${step} of ${totalSteps}`);
    },
    async *finish(policy) {
      if (config.finalEval && evaluators.length > 0) {
        const metrics = await evaluate(policy, totalSteps);
        run.logMetrics(totalSteps, metrics);
        yield { step: totalSteps, totalSteps, metrics };
      }
      run.commitCheckpoint(await save(totalSteps, FINAL));
    },
  };
}
