import { type Logger, ModelError, type SamplingClient, UsageError } from "@pka/core";
import { drawSeed } from "@pka/core/node";
import type { TrainingRenderer } from "@pka/renderers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Problem } from "./problems.js";
import type { RlConfig } from "./rl-config.js";
import type { Judgement, RlEnv } from "./trivia-env.js";

/** One attempt at a problem. */
export interface Trajectory extends Judgement {
  readonly prompt: readonly number[];
  /** Sampled tokens, the stop token included. */
  readonly tokens: readonly number[];
  /** `[tokens.length]`: natural-log probability of each under the weights that were sampled from. */
  readonly logprobs: readonly number[];
  /** The completion as text, markup included. */
  readonly text: string;
}

/** The attempts at one problem. */
export interface TrajectoryGroup {
  readonly problem: Problem;
  readonly trajectories: readonly Trajectory[];
}

/** What rollouts are made with. */
export interface RolloutContext {
  readonly renderer: TrainingRenderer;
  readonly env: RlEnv;
  readonly config: RlConfig;
  readonly logger: Logger;
  /** Stops at once. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Milliseconds before a failed rollout is tried again; doubled each time. Default 1000. */
  readonly retryDelayMs?: number | undefined;
}

/**
 * All attempts at a problem, each a request of its own, all in flight at once. One that fails is tried again.
 *
 * @param place - Names the draws: the same place and sampling seed give the same completions from the same weights.
 * @returns `undefined` when an attempt failed for good: its group is left out, so that its mean is never one of fewer attempts.
 * @throws The abort reason; errors that no repetition can cure, such as a wrong key.
 */
export async function rolloutGroup(
  client: SamplingClient,
  problem: Problem,
  place: readonly (number | string)[],
  context: RolloutContext,
  groupSize = context.config.groupSize,
): Promise<TrajectoryGroup | undefined> {
  const rollouts = Array.from({ length: groupSize }, (_, i) => rollout(client, problem, [...place, i], context));
  const settled = await Promise.allSettled(rollouts);
  context.abortSignal?.throwIfAborted();
  const failed = settled.find((result) => result.status === "rejected");
  if (failed === undefined) {
    const trajectories = settled.map((result) => (result as PromiseFulfilledResult<Trajectory>).value);
    return { problem, trajectories };
  }
  const error: unknown = failed.reason;
  if (isHopeless(error)) throw error;
  context.logger.warn(
    `a rollout failed ${context.config.rolloutAttempts} times, its group is left out: ${String(error)}`,
  );
  return undefined;
}

async function rollout(
  client: SamplingClient,
  problem: Problem,
  place: readonly (number | string)[],
  context: RolloutContext,
): Promise<Trajectory> {
  const { config, abortSignal, retryDelayMs = 1000 } = context;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sampleOnce(client, problem, place, context);
    } catch (error) {
      abortSignal?.throwIfAborted();
      if (attempt >= config.rolloutAttempts || isHopeless(error)) throw error;
      await sleep(retryDelayMs * 2 ** (attempt - 1), undefined, abortSignal && { signal: abortSignal });
    }
  }
}

async function sampleOnce(
  client: SamplingClient,
  problem: Problem,
  place: readonly (number | string)[],
  { renderer, env, config, abortSignal }: RolloutContext,
): Promise<Trajectory> {
  const prompt = renderer.buildGenerationPrompt(env.messages(problem), { thinking: true });
  const params = {
    maxTokens: config.maxTokens,
    stop: renderer.stop,
    temperature: config.temperature,
    topP: 1,
    ...(config.samplingSeed !== null && { seed: drawSeed(config.samplingSeed, ...place) }),
  };
  const [sample] = await client.sample({ prompt, numSamples: 1, params, signal: abortSignal });
  if (sample === undefined || sample.tokens.length === 0 || sample.logprobs.length !== sample.tokens.length) {
    throw new ModelError("the completion has no tokens, or not a logprob for each", { kind: "bad-reply" });
  }
  if (!sample.logprobs.every(Number.isFinite)) {
    throw new ModelError("a logprob of the completion is no finite number", { kind: "bad-reply" });
  }
  const { tokens, logprobs } = sample;
  const response = renderer.parseResponse(tokens);
  return { prompt, tokens, logprobs, text: response.text, ...env.judge(response, problem) };
}

function isHopeless(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof ModelError && (error.isFatal || error.kind === "invalid-request");
}
