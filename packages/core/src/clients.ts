/** One training row: T input tokens and, for each position, the loss inputs of the token that follows. Every array has length T. */
export interface Datum {
  readonly tokens: readonly number[];
  /** The token that follows each of `tokens`. */
  readonly targetTokens: readonly number[];
  /** `cross_entropy`: weight of each target. Default 1 everywhere. */
  readonly weights?: ArrayLike<number>;
  /** Policy losses: natural-log probability of each target under the sampler. */
  readonly logprobs?: ArrayLike<number>;
  /** Policy losses: advantage of each target, in the reward's unit; 0 on the prompt. */
  readonly advantages?: ArrayLike<number>;
}

/**
 * Losses, each a sum over the tokens of a batch (no mean). ρ = exp(logp − logq), A the advantage:
 * `cross_entropy` −Σ w·logp · `importance_sampling` −Σ ρ·A · `ppo` −Σ min(ρ·A, clip(ρ)·A) · `cispo` −Σ sg(clip(ρ))·A·logp ·
 * `dro` −Σ logp·A − ½·β·(logp − logq)².
 */
export type LossFn = "cross_entropy" | "importance_sampling" | "ppo" | "cispo" | "dro";

/** Clip thresholds of `ppo` and `cispo` as absolute ratios; 0.8 and 1.2 by default. */
export interface LossFnConfig {
  readonly clipLowThreshold?: number;
  readonly clipHighThreshold?: number;
  /** β of `dro`, which needs it; above 0. */
  readonly beta?: number;
}

/** What a forward or forward-backward pass says about a batch of D datums. */
export interface ForwardResult {
  /** `[D][T]`: natural-log probability of every target token. */
  readonly logprobs: readonly Float32Array[];
  /** The summed loss of the batch, in nats. */
  readonly loss: number;
}

/** Adam. `betas`, `eps` and `weightDecay` as in Kingma and Ba (2015) with decoupled decay. */
export interface AdamParams {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  readonly weightDecay?: number;
  /** Clip the global gradient norm to this; absent or 0 = no clipping. */
  readonly gradClipNorm?: number;
}

/** How tokens are drawn. */
export interface SamplingParams {
  /** ≥ 1. */
  readonly maxTokens: number;
  /** ≥ 0; 0 = greedy. Default 1. */
  readonly temperature?: number;
  /** In (0, 1]. Default 1. */
  readonly topP?: number;
  /** ≥ 1, or −1 = off. Default −1. */
  readonly topK?: number;
  /** Token ids that end a completion; the stop token stays in the output. */
  readonly stop?: readonly number[];
  readonly seed?: number;
}

/** One completion: the tokens drawn, the stop token included, and what is known about them. */
export interface SampledSequence {
  readonly tokens: readonly number[];
  /** Natural-log probability of each of `tokens` under the distribution that was sampled from. */
  readonly logprobs: readonly number[];
  readonly stopReason: "stop" | "length";
}

/** One prompt and how completions of it are drawn. */
export interface SampleRequest {
  readonly prompt: readonly number[];
  readonly numSamples?: number;
  readonly params: SamplingParams;
  readonly signal?: AbortSignal | undefined;
}

/** Draws completions from one frozen set of weights. */
export interface SamplingClient {
  /** `numSamples` completions of one prompt (default 1). */
  sample(request: SampleRequest): Promise<SampledSequence[]>;
  /** Natural-log probability of each of `tokens` given those before it; the first has none (`null`). */
  computeLogprobs(tokens: readonly number[]): Promise<(number | null)[]>;
}

/** Trains one set of weights. Calls are carried out in the order in which they are made, so they may be pipelined. */
export interface TrainingClient {
  /** Logprobs and loss; no gradient. */
  forward(datums: readonly Datum[], lossFn: LossFn, config?: LossFnConfig): Promise<ForwardResult>;
  /** As `forward`, and adds the gradient to what has accumulated since the last `optimStep`. */
  forwardBackward(datums: readonly Datum[], lossFn: LossFn, config?: LossFnConfig): Promise<ForwardResult>;
  /** One Adam step on the accumulated gradient, which is then zero. */
  optimStep(params: AdamParams): Promise<{ readonly metrics: Readonly<Record<string, number>> }>;
  /** Save weights and optimizer state. Resolves to a path that `loadState` takes. */
  saveState(name: string): Promise<string>;
  /** Load weights, and the optimizer state too when asked. */
  loadState(path: string, options?: { readonly optimizer?: boolean }): Promise<void>;
  /** Save weights for sampling. Resolves to a path that a sampling client can be opened from. */
  saveWeightsForSampler(name: string): Promise<string>;
  /** A client that samples from the weights as they are now; later training does not change it. */
  saveWeightsAndGetSamplingClient(): Promise<SamplingClient>;
}
