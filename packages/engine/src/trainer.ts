import { type AdamParams, type Datum, type ForwardResult, type LossFn, type LossFnConfig, Random } from "@pka/core";
import { adamStep, checkAdamParams, gradientNorm, type Trainable } from "./adam.js";
import { checkDatums } from "./check-datums.js";
import { EngineInputError } from "./errors.js";
import { forwardBackward } from "./forward-backward.js";
import { LoraAdapters, type LoraConfig } from "./lora.js";
import type { ModelConfig } from "./model-config.js";
import type { TensorLayout } from "./tensors.js";
import { Transformer } from "./transformer.js";

/** Everything that training has made so far; flat arrays as the layouts say. */
export interface TrainingState {
  /** Optimizer steps taken. */
  readonly step: number;
  /** All weights; with LoRA, the frozen ones. */
  readonly weights: Float32Array;
  readonly adapters?: Float32Array;
  /** Adam's moments of the trained parameters: of `adapters` with LoRA, else of `weights`. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** One model in training, synchronous. */
export class Trainer {
  readonly model: Transformer;
  readonly lora: LoraAdapters | undefined;
  /** Layout of the trained parameters and their moments. */
  readonly trainedLayout: TensorLayout;
  readonly #trainable: Trainable;
  /** Gradient of all weights; without LoRA the same as the trainable's. */
  readonly #denseGradients: number;
  readonly #seed: number;
  #step = 0;

  /** @param options.seed - Of the adapters' first draw. @throws UsageError for an impossible config or LoRA rank. */
  constructor(
    config: ModelConfig,
    weights: Float32Array,
    options: { readonly lora?: LoraConfig | undefined; readonly seed?: number | undefined } = {},
  ) {
    this.#seed = options.seed ?? 0;
    this.model = new Transformer(config);
    this.model.setWeights(weights);
    const { arena, layout } = this.model;
    this.#denseGradients = arena.allocateZeros(layout.length);
    if (options.lora === undefined) {
      this.trainedLayout = layout;
      this.#trainable = this.#moments(this.model.weights, this.#denseGradients);
      return;
    }
    this.lora = new LoraAdapters(this.model, options.lora);
    this.trainedLayout = this.lora.layout;
    const { length } = this.lora.layout;
    this.#trainable = this.#moments(arena.allocateZeros(length), arena.allocateZeros(length));
    this.lora.initialize(this.#trainable.parameters, new Random(this.#seed));
  }

  #moments(parameters: number, gradients: number): Trainable {
    const { length } = this.trainedLayout;
    const { arena } = this.model;
    return {
      length,
      parameters,
      gradients,
      first: arena.allocateZeros(length),
      second: arena.allocateZeros(length),
    };
  }

  /** Optimizer steps taken. */
  get step(): number {
    return this.#step;
  }

  /** @throws EngineInputError naming the datum and field that is wrong. */
  forward(datums: readonly Datum[], lossFn: LossFn, config?: LossFnConfig): ForwardResult {
    checkDatums(datums, lossFn, config, this.model.config);
    return forwardBackward(this.model, datums, lossFn, config);
  }

  /** @throws EngineInputError naming the datum and field that is wrong. */
  forwardBackward(datums: readonly Datum[], lossFn: LossFn, config?: LossFnConfig): ForwardResult {
    checkDatums(datums, lossFn, config, this.model.config);
    return forwardBackward(this.model, datums, lossFn, config, this.#denseGradients);
  }

  /**
   * @returns The gradient's norm before clipping.
   * @throws EngineInputError when it is not finite: no weight has changed then, and the gradient is dropped. For a parameter out of
   * range: nothing has changed.
   */
  optimStep(params: AdamParams): { readonly gradNorm: number } {
    this.#collectGradients();
    const adam = checkAdamParams(params);
    const gradNorm = gradientNorm(this.model, this.#trainable);
    if (!Number.isFinite(gradNorm)) {
      this.#clearGradients();
      throw new EngineInputError(
        "the gradient is not finite, and was dropped: lower the learning rate, the weights or the advantages",
      );
    }
    adamStep(this.model, this.#trainable, { ...adam, step: this.#step + 1, gradNorm });
    this.#step += 1;
    this.#clearGradients();
    this.#publish();
    return { gradNorm };
  }

  /** A copy of the gradient of the trained parameters that has accumulated so far. */
  gradients(): Float32Array<ArrayBuffer> {
    this.#collectGradients();
    return this.model.arena.floats(this.#trainable.gradients, this.#trainable.length).slice();
  }

  #collectGradients(): void {
    const { gradients, parameters } = this.#trainable;
    this.lora?.gradients(this.#denseGradients, parameters, gradients);
  }

  #clearGradients(): void {
    this.model.arena.floats(this.#denseGradients, this.model.layout.length).fill(0);
  }

  /** Make the model compute with the trained parameters as they are now. */
  #publish(): void {
    if (this.lora) this.lora.materialize(this.#trainable.parameters);
    else this.model.repack();
  }

  /** A copy of all that {@link load} takes. */
  state(): TrainingState {
    const { arena, layout, weights } = this.model;
    const { parameters, first, second, length } = this.#trainable;
    const copy = (address: number, count: number): Float32Array<ArrayBuffer> => arena.floats(address, count).slice();
    return {
      step: this.#step,
      weights: copy(this.lora?.base ?? weights, layout.length),
      ...(this.lora && { adapters: copy(parameters, length) }),
      first: copy(first, length),
      second: copy(second, length),
    };
  }

  /**
   * Replace weights and adapters; with `optimizer` the moments and step too, else they start from zero. A state without adapters
   * gives a LoRA trainer fresh ones. Drops gradients.
   */
  load(state: TrainingState, { optimizer }: { readonly optimizer: boolean }): void {
    const { arena, layout, weights } = this.model;
    const { parameters, first, second, length } = this.#trainable;
    arena.floats(this.lora?.base ?? weights, layout.length).set(state.weights);
    if (state.adapters) arena.floats(parameters, length).set(state.adapters);
    else this.lora?.initialize(parameters, new Random(this.#seed));
    if (optimizer) {
      arena.floats(first, length).set(state.first);
      arena.floats(second, length).set(state.second);
    } else {
      arena.floats(first, length).fill(0);
      arena.floats(second, length).fill(0);
    }
    this.#step = optimizer ? state.step : 0;
    this.#clearGradients();
    this.#publish();
  }
}
