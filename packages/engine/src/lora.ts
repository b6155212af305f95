import { type Random, UsageError } from "@pka/core";
import type { Arena } from "./arena.js";
import { F32_BYTES } from "./kernels/expressions.js";
import {
  matrix,
  type MatrixView,
  multiply,
  multiplyTransposed,
  type PackedMatrix,
  packScoped,
  transpose,
} from "./matrix.js";
import type { ModelConfig } from "./model-config.js";
import { layerMatrices, modelLayout, type Tensor, TensorLayout } from "./tensors.js";
import type { Transformer } from "./transformer.js";

/** Low-rank adapters on the matrices of every layer: W = W₀ + alpha/rank · A · B (Hu et al., 2021). */
export interface LoraConfig {
  readonly rank: number;
  /** Default 32. */
  readonly alpha?: number;
  /** Which of a layer's matrices get adapters. Default `all`: both of attention, both of the feed-forward block. */
  readonly matrices?: LoraMatrices;
}

export type LoraMatrices = "all" | "attention" | "feed_forward";

const MAX_RANK = 1024;

/** Names of the adapted matrices, in order. */
function adaptedMatrices(config: ModelConfig, matrices: LoraMatrices): string[] {
  const layers = Array.from({ length: config.numLayers }, (_, layer) => layer);
  const adapted = layerMatrices(config).filter(({ name }) => matrices === "all" || name.startsWith(`${matrices}.`));
  return layers.flatMap((layer) => adapted.map(({ name }) => `layers.${layer}.${name}`));
}

/**
 * A [inputs, padded rank] and B [padded rank, outputs] of every adapted matrix. The rank is rounded up to a multiple of 8;
 * what is beyond `rank` is zero and stays so in training, because the gradient there is zero.
 * @throws UsageError for an impossible rank.
 */
export function loraLayout(config: ModelConfig, { rank, matrices = "all" }: LoraConfig): TensorLayout {
  if (!Number.isInteger(rank) || rank < 1 || rank > MAX_RANK) {
    throw new UsageError(`LoRA rank is ${rank}, and must be a whole number from 1 to ${MAX_RANK}`);
  }
  if (!["all", "attention", "feed_forward"].includes(matrices)) {
    throw new UsageError(`LoRA matrices are "${matrices}", and must be all, attention or feed_forward`);
  }
  const padded = Math.ceil(rank / 8) * 8;
  const model = modelLayout(config);
  return new TensorLayout(
    adaptedMatrices(config, matrices).flatMap((name): [string, number[]][] => [
      [`lora.${name}.a`, [model.get(name).rows, padded]],
      [`lora.${name}.b`, [padded, model.get(name).columns]],
    ]),
  );
}

/** @throws UsageError */
export function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < Infinity)) throw new UsageError(`LoRA alpha is ${alpha}, and must be above 0`);
}

/**
 * The adapters of one model. No kernel knows of them: the dense gradient dW is made as in full training, from which
 * dA = s · dW · Bᵀ and dB = s · Aᵀ · dW follow exactly, and after each step W is put together again.
 */
export class LoraAdapters {
  readonly rank: number;
  readonly alpha: number;
  readonly matrices: LoraMatrices;
  readonly layout: TensorLayout;
  readonly #model: Transformer;
  readonly #matrices: readonly Tensor[];
  /** Address of the frozen weights. */
  readonly base: number;

  /** @throws UsageError for an impossible rank or alpha. */
  constructor(model: Transformer, { rank, alpha = 32, matrices = "all" }: LoraConfig) {
    checkAlpha(alpha);
    this.rank = rank;
    this.alpha = alpha;
    this.matrices = matrices;
    this.#model = model;
    this.#matrices = adaptedMatrices(model.config, matrices).map((name) => model.layout.get(name));
    this.layout = loraLayout(model.config, { rank, matrices });
    this.base = model.arena.allocate(model.layout.length);
    model.arena.copy(model.weights, this.base, model.layout.length);
  }

  get config(): Required<LoraConfig> {
    const { rank, alpha, matrices } = this;
    return { rank, alpha, matrices };
  }

  get #scale(): number {
    return this.alpha / this.rank;
  }

  /** Draw A (normal, deviation 1/√inputs); B stays zero, so that training starts from the base weights. */
  initialize(adapters: number, random: Random): void {
    const { arena } = this.#model;
    arena.floats(adapters, this.layout.length).fill(0);
    for (const { name, rows, columns, offset, length } of this.layout.tensors) {
      if (!name.endsWith(".a")) continue;
      const a = arena.floats(adapters + offset * F32_BYTES, length);
      const deviation = 1 / Math.sqrt(rows);
      for (let i = 0; i < length; i++) if (i % columns < this.rank) a[i] = deviation * random.normal();
    }
  }

  /** The model's weights become the base plus the adapters at this address. */
  materialize(adapters: number): void {
    const { arena, kernels, weights, layout } = this.#model;
    arena.copy(this.base, weights, layout.length);
    for (const target of this.#matrices) {
      const [a, b] = this.#pair(target, adapters);
      arena.scoped(() => {
        const scaled = copyScaled(arena, a, this.#scale);
        multiply(kernels, scaled, packScoped(this.#model, b), weights + target.offset * F32_BYTES, "add");
      });
    }
    this.#model.repack();
  }

  /** Write the adapters' gradient, given the dense one. */
  gradients(dense: number, adapters: number, target: number): void {
    const { arena, kernels } = this.#model;
    for (const tensor of this.#matrices) {
      const dW = matrix(dense + tensor.offset * F32_BYTES, tensor.rows, tensor.columns);
      const [a, b] = this.#pair(tensor, adapters);
      const [dA, dB] = this.#pair(tensor, target);
      const packed = (source: MatrixView): PackedMatrix => packScoped(this.#model, source);
      arena.scoped(() => {
        multiply(kernels, dW, packed(transpose(b)), dA.address);
        multiplyTransposed(kernels, packed(a), packed(dW), dB.address);
      });
      for (const gradient of [dA, dB]) scaleInPlace(arena, gradient, this.#scale);
    }
  }

  #pair({ name }: Tensor, adapters: number): [a: MatrixView, b: MatrixView] {
    const [a, b] = [this.layout.get(`lora.${name}.a`), this.layout.get(`lora.${name}.b`)];
    const view = ({ offset, shape }: Tensor): MatrixView => matrix(adapters + offset * F32_BYTES, shape[0]!, shape[1]!);
    return [view(a), view(b)];
  }
}

function copyScaled(arena: Arena, source: MatrixView, scale: number): MatrixView {
  const length = source.rows * source.columns;
  const address = arena.allocate(length);
  const [from, to] = [arena.floats(source.address, length), arena.floats(address, length)];
  for (let i = 0; i < length; i++) to[i] = from[i]! * scale;
  return { ...source, address };
}

function scaleInPlace(arena: Arena, { address, rows, columns }: MatrixView, factor: number): void {
  const values = arena.floats(address, rows * columns);
  for (let i = 0; i < values.length; i++) values[i]! *= factor;
}
