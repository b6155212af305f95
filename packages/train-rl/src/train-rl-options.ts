import type { SamplingClient, TrainingClient } from "@pka/core";
import type { TrainingRenderer } from "@pka/renderers";
import type { RunFolder, TokenSpan } from "@pka/training";
import type { RlEvaluator } from "./evaluator.js";
import type { Problem } from "./problems.js";
import type { RlConfig } from "./rl-config.js";
import type { RlEnv } from "./trivia-env.js";

/** Options of `trainRl`. */
export interface TrainRlOptions {
  /** In the state of `run.resumePoint`, see `openTrainingClient`. */
  readonly trainingClient: TrainingClient;
  /** What the policy is held to; needed where `klPenaltyCoef` > 0. The paper: the base model. */
  readonly referenceClient?: SamplingClient | undefined;
  readonly renderer: TrainingRenderer;
  /** Where metrics and checkpoints go, and from where the run goes on. */
  readonly run: RunFolder;
  /** In the order in which they are taken. */
  readonly problems: readonly Problem[];
  /** Held out, for the evaluator `test`. */
  readonly validation?: readonly Problem[] | undefined;
  readonly config: RlConfig;
  /** Default the paper's. */
  readonly env?: RlEnv | undefined;
  /** What else is measured every `evalEvery` steps. */
  readonly evaluators?: readonly RlEvaluator[] | undefined;
  /** Aborting it ends the run after the step in progress, with a checkpoint: the same call goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** Aborting it ends the run at once; the same call goes on from the last checkpoint. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Told some rollouts of every step, by advantage. */
  readonly onRollout?: ((spans: readonly TokenSpan[], reward: number) => void) | undefined;
  /** Milliseconds before a failed rollout is tried again; doubled each time. Default 1000. */
  readonly retryDelayMs?: number | undefined;
}
