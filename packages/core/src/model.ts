import type { Task } from "./example.js";

/** Tokens of one completion as the provider counts them. A field is absent where the provider does not say. */
export interface Usage {
  readonly promptTokens?: number;
  /** The part of `promptTokens` that the provider took from its cache, at a lower price. */
  readonly cachedPromptTokens?: number;
  /** Sampled tokens: thinking, answer and markup. */
  readonly completionTokens?: number;
  /** The part of `completionTokens` spent on thinking. */
  readonly reasoningTokens?: number;
  readonly totalTokens?: number;
}

/** Why a completion ended: the model stopped, the token limit cut it, or the provider refused. */
export type FinishReason = "stop" | "length" | "refusal";

/** One answer of one model, in the one shape that every provider fills. */
export interface Completion {
  /** Everything the model wrote, markup included, exactly as it came: what the paper's files call `raw_prediction`. */
  readonly text: string;
  /** The thinking part of `text`, where the chat format marks it. */
  readonly thinking?: string;
  /** `text` without the thinking part, where the chat format marks it. `""` while thinking never ended. */
  readonly answer?: string;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** What the paper's files call `num_tokens` for this model; which count that is differs from model to model. */
  readonly numTokens: number;
  /** Sampled token ids, where the provider gives them. */
  readonly tokens?: readonly number[];
  /** Natural-log probability of each of `tokens`, same length. */
  readonly logprobs?: readonly number[];
  /** The model id that the provider says answered. */
  readonly providerModel?: string;
  readonly requestId?: string;
  /** Requests it took, retries included; at least 1. */
  readonly attempts: number;
  /** The part of `attempts` that may have been carried out, and charged, although its answer was lost. Absent = none. */
  readonly possiblyBilled?: number;
}

/** How to draw tokens. `temperature` 0 is greedy. */
export interface Sampling {
  /** ≥ 0. */
  readonly temperature: number;
  /** In (0, 1]. */
  readonly topP: number;
}

/** One question to one model under one condition. */
export interface Ask {
  /**
   * A question of a dataset, which the model puts into the paper's words for its task; or `prompt`: `question` is the whole prompt, sent
   * as one user message as it stands, and `cues` does not apply.
   */
  readonly task: Task | "prompt";
  readonly question: string;
  /** Add the cue "Think step-by-step". */
  readonly cues: boolean;
  /** Let the model think before it answers. */
  readonly thinking: boolean;
  readonly sampling: Sampling;
  /** Seed of this one draw, where the provider takes one. */
  readonly seed?: number;
}

/** A language model that answers questions. Any plain object of this shape will do. */
export interface Model {
  /** What `--model` takes: `gpt-5.2`, `vllm:org/name`, `engine:tiny`. */
  readonly id: string;
  /** The model's part of a result file's name: letters, digits, `.`, `_` and `-` only. */
  readonly fileName: string;
  /** The thinking modes it can be asked in. A model that always thinks has `[true]` and no thinking suffix in file names. */
  readonly thinkingModes: readonly boolean[];
  /** All that decides what is asked besides {@link Ask}: prompt version, limits, checkpoint, endpoint kind. Enters the condition hash; holds no secret. */
  readonly settings: Readonly<Record<string, string | number | boolean | null>>;
  /** It answers on this machine and nobody charges for it, so that no request without an answer needs to be accounted for. */
  readonly isLocal?: boolean | undefined;
  /**
   * How the paper takes the answer from `text` in the mode asked.
   * `answer-tags`: tags, else what follows the last `</think>`, else everything.
   * `before-close-tag`: the prompt ended in an open `<answer>`, so everything before the first closing tag.
   */
  extraction(ask: Pick<Ask, "task" | "thinking">): "answer-tags" | "before-close-tag";
  /** @throws ModelError when no answer could be had; the abort reason when `signal` fired. */
  generate(ask: Ask, options?: { readonly signal?: AbortSignal | undefined }): Promise<Completion>;
  /**
   * This model as an earlier run with these `settings` asked it: what it chose by itself, such as today's date in its prompts, is
   * taken from there. For a run that is continued; absent where the model chooses nothing.
   */
  asRecorded?(settings: Model["settings"]): Promise<Model>;
  /** Release what the model holds (workers, sockets). */
  close?(): Promise<void>;
}
