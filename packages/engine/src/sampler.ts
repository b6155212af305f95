import { Random, type SampledSequence, type SampleRequest, type SamplingParams } from "@pka/core";
import { checkLength, checkTokens } from "./check-datums.js";
import { Decoder, type DecodeRow, type ReadWeights } from "./decoder.js";
import { type DrawParams, drawToken, sharpness } from "./draw-token.js";
import { EngineClosedError, EngineInputError } from "./errors.js";
import { forwardBackward } from "./forward-backward.js";
import type { ModelConfig } from "./model-config.js";
import { type TopLogprobs, topLogprobs } from "./top-logprobs.js";

/** Prompt tokens read at once, beyond the first prompt. */
const PREFILL_TOKENS = 2048;

/** One completion in the making. */
interface Sequence {
  readonly weights: Float32Array;
  readonly prompt: readonly number[];
  readonly params: DrawParams;
  readonly maxTokens: number;
  readonly stop: ReadonlySet<number>;
  readonly random: Random;
  readonly tokens: number[];
  readonly logprobs: number[];
  /** Where its keys and values are, while it is decoded. */
  slot: number;
  readonly finish: (result: SampledSequence) => void;
  readonly fail: (error: unknown) => void;
  /** Nobody waits for it any more. */
  cancelled: boolean;
}

/**
 * Draws completions, many at a time: requests that arrive while others run join them after the current token, as long as they use the
 * same weights. What a request gets depends on its weights, prompt, parameters and seed alone, not on what runs beside it.
 * The event loop turns between tokens.
 */
export class Sampler {
  readonly #config: ModelConfig;
  readonly #decoder: Decoder;
  readonly #seeds: Random;
  readonly #freeSlots: number[];
  #pending: Sequence[] = [];
  #active: Sequence[] = [];
  #running = false;
  #closed = false;

  /** @param seed - Requests without a seed take theirs from a generator with this one, in the order of their calls. */
  constructor(config: ModelConfig, seed: number) {
    this.#config = config;
    this.#decoder = new Decoder(config);
    this.#seeds = new Random(seed);
    this.#freeSlots = Array.from({ length: this.#decoder.numSlots }, (_, slot) => slot);
  }

  /** @throws EngineInputError for a request that does not fit; the abort reason when `signal` fires. */
  async sample(weights: Float32Array, request: SampleRequest): Promise<SampledSequence[]> {
    if (this.#closed) throw new EngineClosedError("the engine is closed");
    const { prompt, numSamples = 1, params, signal } = request;
    signal?.throwIfAborted();
    checkRequest(request, this.#config);
    const seed = params.seed ?? this.#seeds.uint32();
    const started = Array.from({ length: numSamples }, (_, i) =>
      this.#start(weights, prompt, params, new Random(seed, i)),
    );
    const abort = (): void => {
      for (const { sequence } of started) {
        sequence.cancelled = true;
        sequence.fail(signal?.reason);
      }
    };
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.all(started.map(({ result }) => result));
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #start(
    weights: Float32Array,
    prompt: readonly number[],
    params: SamplingParams,
    random: Random,
  ): { readonly sequence: Sequence; readonly result: Promise<SampledSequence> } {
    let finish!: Sequence["finish"];
    let fail!: Sequence["fail"];
    const result = new Promise<SampledSequence>((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
    const { temperature = 1, topP = 1, topK = -1, stop = [] } = params;
    const sequence: Sequence = {
      weights,
      prompt,
      params: { temperature, topP, topK },
      maxTokens: Math.min(params.maxTokens, this.#config.contextLength - prompt.length),
      stop: new Set(stop),
      random,
      tokens: [],
      logprobs: [],
      slot: -1,
      finish,
      fail,
      cancelled: false,
    };
    this.#pending.push(sequence);
    if (!this.#running) {
      this.#running = true;
      setImmediate(() => this.#turn());
    }
    return { sequence, result };
  }

  /** Natural-log probability of each token given those before it. @throws EngineInputError */
  computeLogprobs(weights: Float32Array, tokens: readonly number[]): (number | null)[] {
    if (this.#closed) throw new EngineClosedError("the engine is closed");
    checkLength(tokens.length, "tokens", this.#config);
    checkTokens(tokens, "tokens", this.#config);
    if (tokens.length === 1) return [null];
    this.#decoder.use(weights);
    const datum = { tokens: tokens.slice(0, -1), targetTokens: tokens.slice(1) };
    const { logprobs } = forwardBackward(this.#decoder.model, [datum], "cross_entropy", undefined);
    return [null, ...logprobs[0]!];
  }

  /** The `k` likeliest tokens after each of `tokens`. @throws EngineInputError */
  topLogprobs(weights: Float32Array, tokens: readonly number[], k: number): TopLogprobs {
    if (this.#closed) throw new EngineClosedError("the engine is closed");
    checkLength(tokens.length, "tokens", this.#config);
    checkTokens(tokens, "tokens", this.#config);
    if (!(Number.isInteger(k) && k >= 1)) throw new EngineInputError(`k is ${k}, and must be a whole number from 1`);
    this.#decoder.use(weights);
    return topLogprobs(this.#decoder.model, tokens, k);
  }

  /** One token for every active sequence, then the event loop's turn. */
  #turn(): void {
    try {
      this.#dropCancelled();
      this.#admit();
      this.#step();
    } catch (error) {
      this.#failAll(error);
    }
    this.#running = this.#active.length > 0 || this.#pending.length > 0;
    if (this.#running) setImmediate(() => this.#turn());
  }

  #dropCancelled(): void {
    this.#pending = this.#pending.filter((sequence) => !sequence.cancelled);
    for (const sequence of this.#active) if (sequence.cancelled) this.#freeSlots.push(sequence.slot);
    this.#active = this.#active.filter((sequence) => !sequence.cancelled);
  }

  /** Read the prompts of waiting sequences into free slots; those of one request share the reading. */
  #admit(): void {
    const weights = (this.#active[0] ?? this.#pending[0])?.weights;
    const byPrompt = new Map<readonly number[], Sequence[]>();
    let numTokens = 0;
    while (this.#pending.length > 0 && this.#freeSlots.length > 0) {
      const sequence = this.#pending[0]!;
      if (sequence.weights !== weights) break;
      const group = byPrompt.get(sequence.prompt);
      if (!group) {
        numTokens += sequence.prompt.length;
        if (byPrompt.size > 0 && numTokens > PREFILL_TOKENS) break;
        byPrompt.set(sequence.prompt, [sequence]);
      } else group.push(sequence);
      this.#pending.shift();
      sequence.slot = this.#freeSlots.pop()!;
      this.#active.push(sequence);
    }
    if (!weights || byPrompt.size === 0) return;
    this.#decoder.use(weights);
    const groups = [...byPrompt.values()];
    const prompts = groups.map((group) => ({ tokens: group[0]!.prompt, slots: group.map(({ slot }) => slot) }));
    this.#decoder.prefill(prompts, (read) => {
      for (const [row, group] of groups.entries()) for (const sequence of group) draw(sequence, read, row);
    });
    this.#retire();
  }

  #step(): void {
    if (this.#active.length === 0) return;
    this.#decoder.use(this.#active[0]!.weights);
    const rows = this.#active.map(({ slot, prompt, tokens }): DecodeRow => ({
      slot,
      token: tokens.at(-1)!,
      position: prompt.length + tokens.length - 1,
    }));
    this.#decoder.step(rows, (read) => {
      for (const [row, sequence] of this.#active.entries()) draw(sequence, read, row);
    });
    this.#retire();
  }

  /** Hand out the sequences that are complete. */
  #retire(): void {
    this.#active = this.#active.filter((sequence) => {
      const { tokens, logprobs, stop, maxTokens } = sequence;
      const stopped = stop.has(tokens.at(-1)!);
      if (!stopped && tokens.length < maxTokens) return true;
      this.#freeSlots.push(sequence.slot);
      sequence.finish({ tokens, logprobs, stopReason: stopped ? "stop" : "length" });
      return false;
    });
  }

  #failAll(error: unknown): void {
    for (const sequence of this.#active) this.#freeSlots.push(sequence.slot);
    for (const sequence of [...this.#active, ...this.#pending]) sequence.fail(error);
    this.#active = [];
    this.#pending = [];
  }

  /** Requests in flight and later ones fail with EngineClosedError. */
  close(): void {
    this.#closed = true;
    this.#failAll(new EngineClosedError("the engine was closed while it was sampling"));
  }
}

function draw(sequence: Sequence, read: ReadWeights, row: number): void {
  const { token, logprob } = drawToken(read(row, sharpness(sequence.params)), sequence.params, sequence.random);
  sequence.tokens.push(token);
  sequence.logprobs.push(logprob);
}

function checkRequest({ prompt, numSamples = 1, params }: SampleRequest, config: ModelConfig): void {
  const { maxTokens, temperature = 1, topP = 1, topK = -1, stop = [], seed = 0 } = params;
  const require = (holds: boolean, field: string, value: number, range: string): void => {
    if (!holds) throw new EngineInputError(`${field} is ${value}, and must be ${range}`);
  };
  checkLength(prompt.length, "prompt", config);
  checkTokens(prompt, "prompt", config);
  checkTokens(stop, "stop", config);
  require(prompt.length < config.contextLength, "prompt length", prompt.length, `below ${config.contextLength}`);
  require(Number.isInteger(numSamples) && numSamples >= 1, "numSamples", numSamples, "a whole number from 1");
  require(Number.isInteger(maxTokens) && maxTokens >= 1, "maxTokens", maxTokens, "a whole number from 1");
  require(Number.isFinite(temperature) && temperature >= 0, "temperature", temperature, "0 or more");
  require(topP > 0 && topP <= 1, "topP", topP, "in (0, 1]");
  require(Number.isInteger(topK) && (topK === -1 || topK >= 1), "topK", topK, "-1 (off) or a whole number from 1");
  require(Number.isFinite(seed), "seed", seed, "a finite number");
}
