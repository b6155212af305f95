import type { ModelConfig } from "./model-config.js";

/** Where one tensor stands in a flat array of floats. */
export interface Tensor {
  readonly name: string;
  /** Row-major. A matrix is [inputs, outputs]. */
  readonly shape: readonly number[];
  /** `shape` as a matrix; a vector is one row. */
  readonly rows: number;
  readonly columns: number;
  /** First element, counted in floats. */
  readonly offset: number;
  readonly length: number;
}

/** Tensors that follow each other in one flat array. */
export class TensorLayout {
  readonly tensors: readonly Tensor[];
  /** Floats in all. */
  readonly length: number;
  readonly #byName = new Map<string, Tensor>();

  /** @param shapes - Vectors and matrices. */
  constructor(shapes: Iterable<readonly [name: string, shape: readonly number[]]>) {
    let offset = 0;
    for (const [name, shape] of shapes) {
      const columns = shape.at(-1)!;
      const rows = shape.length === 1 ? 1 : shape[0]!;
      const length = rows * columns;
      this.#byName.set(name, { name, shape, rows, columns, offset, length });
      offset += length;
    }
    this.tensors = [...this.#byName.values()];
    this.length = offset;
  }

  get(name: string): Tensor {
    return this.#byName.get(name)!;
  }
}

/** The vocabulary, rounded up to what the kernels work in. Rows beyond `vocabSize` are zero and are never a target. */
export function paddedVocabSize(config: ModelConfig): number {
  return Math.ceil(config.vocabSize / 8) * 8;
}

/** The four weight matrices of a layer, as [inputs, outputs]. */
export function layerMatrices(config: ModelConfig): { readonly name: string; readonly shape: [number, number] }[] {
  const { hiddenSize, feedForwardSize } = config;
  return [
    { name: "attention.qkv", shape: [hiddenSize, 3 * hiddenSize] },
    { name: "attention.out", shape: [hiddenSize, hiddenSize] },
    { name: "feed_forward.gate_up", shape: [hiddenSize, 2 * feedForwardSize] },
    { name: "feed_forward.down", shape: [feedForwardSize, hiddenSize] },
  ];
}

/** All weights of a model. The embedding stands last, so that its padding is the end of the array. */
export function modelLayout(config: ModelConfig): TensorLayout {
  const shapes: [string, readonly number[]][] = [];
  for (let layer = 0; layer < config.numLayers; layer++) {
    shapes.push([`layers.${layer}.attention.norm`, [config.hiddenSize]]);
    shapes.push([`layers.${layer}.feed_forward.norm`, [config.hiddenSize]]);
    for (const { name, shape } of layerMatrices(config)) shapes.push([`layers.${layer}.${name}`, shape]);
  }
  shapes.push(["norm", [config.hiddenSize]]);
  shapes.push(["embedding", [paddedVocabSize(config), config.hiddenSize]]);
  return new TensorLayout(shapes);
}
