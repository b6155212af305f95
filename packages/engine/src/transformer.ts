import { Arena } from "./arena.js";
import { instantiateKernels, type Kernels } from "./kernels/kernels.js";
import { F32_BYTES } from "./kernels/expressions.js";
import { matrix, multiply, type PackedMatrix, packMatrix, transpose } from "./matrix.js";
import { checkModelConfig, type ModelConfig } from "./model-config.js";
import type { Random } from "@pka/core";
import { layerMatrices, modelLayout, paddedVocabSize, type TensorLayout } from "./tensors.js";

const ROTARY_BASE = 10_000;

/** N tokens of any number of sequences, one after another; addresses of i32 arrays of length N. */
export interface TokenRows {
  readonly count: number;
  readonly ids: number;
  /** Position of each token in its sequence, from 0. */
  readonly positions: number;
}

/** What one layer computed; addresses. N tokens, D hidden size, H heads, F feed-forward size. */
export interface LayerActivations {
  /** [N, D] residual stream before the layer. */
  readonly input: number;
  /** [N, D] and [N]: normalised input of attention, and the norm's scales. */
  readonly attentionNorm: number;
  readonly attentionScales: number;
  /** [N, 3D]: queries, keys and values of all heads; queries and keys rotated. */
  readonly qkv: number;
  /** [N, H, 2]: softmax statistics, see the attention kernel. */
  readonly stats: number;
  /** [N, D] */
  readonly attended: number;
  /** [N, D] residual stream between attention and feed-forward. */
  readonly middle: number;
  readonly feedForwardNorm: number;
  readonly feedForwardScales: number;
  /** [N, 2F] */
  readonly gateUp: number;
  /** [N, F] */
  readonly activated: number;
}

/** A forward pass: what each layer computed, and the normalised [N, D] hidden states that the logits are made from. */
export interface Activations {
  readonly layers: readonly LayerActivations[];
  readonly output: number;
  readonly finalScales: number;
  readonly hidden: number;
}

/** Fills `attended` of a layer from its `qkv`. */
export type Attention = (layer: LayerActivations, index: number) => void;

/** One set of weights in its own memory, and the forward pass over it. */
export class Transformer {
  readonly config: ModelConfig;
  readonly layout: TensorLayout;
  readonly arena = new Arena();
  readonly kernels: Kernels;
  /** Address of all weights, laid out as `layout` says. */
  readonly weights: number;
  readonly #packed: number;
  readonly #cosines: number;
  readonly #sines: number;

  /** @throws UsageError for an impossible config; EngineMemoryError when it does not fit. */
  constructor(config: ModelConfig) {
    checkModelConfig(config);
    this.config = config;
    this.layout = modelLayout(config);
    this.kernels = instantiateKernels(this.arena.memory);
    this.weights = this.arena.allocateZeros(this.layout.length);
    this.#packed = this.arena.allocate(this.layout.length);
    const half = this.headSize / 2;
    this.#cosines = this.arena.allocate(config.contextLength * half);
    this.#sines = this.arena.allocate(config.contextLength * half);
    this.#fillRotaryTables(half);
  }

  get headSize(): number {
    return this.config.hiddenSize / this.config.numHeads;
  }

  #fillRotaryTables(half: number): void {
    const { contextLength } = this.config;
    const cosines = this.arena.floats(this.#cosines, contextLength * half);
    const sines = this.arena.floats(this.#sines, contextLength * half);
    for (let i = 0; i < contextLength * half; i++) {
      const angle = Math.floor(i / half) * ROTARY_BASE ** (-(i % half) / half);
      cosines[i] = Math.cos(angle);
      sines[i] = Math.sin(angle);
    }
  }

  /** Draw fresh weights: normal with deviation 1/√inputs for matrices (and 1/√(2·layers) of that into the residual stream), gains 1. */
  initialize(random: Random): void {
    const { vocabSize, hiddenSize, numLayers } = this.config;
    const weights = this.arena.floats(this.weights, this.layout.length);
    for (const { name, shape, offset, length } of this.layout.tensors) {
      if (shape.length === 1) {
        weights.fill(1, offset, offset + length);
        continue;
      }
      const intoResidual = name.endsWith(".out") || name.endsWith(".down");
      const deviation = name === "embedding" ? 0.05 : 1 / Math.sqrt(shape[0]! * (intoResidual ? 2 * numLayers : 1));
      const drawn = name === "embedding" ? vocabSize * hiddenSize : length;
      for (let i = offset; i < offset + drawn; i++) weights[i] = deviation * random.normal();
    }
    this.repack();
  }

  /** Replace the weights. `values` has the layout's length. */
  setWeights(values: Float32Array): void {
    this.arena.floats(this.weights, this.layout.length).set(values);
    this.repack();
  }

  /** A copy of the weights that later training does not change. */
  copyWeights(): Float32Array<ArrayBuffer> {
    return this.arena.floats(this.weights, this.layout.length).slice();
  }

  /** Bring the packed copies up to date; needed after every change of the weights. */
  repack(): void {
    for (let layer = 0; layer < this.config.numLayers; layer++) {
      for (const { name } of layerMatrices(this.config)) {
        const tensor = this.layout.get(`layers.${layer}.${name}`);
        const source = matrix(this.addressOf(tensor.name), tensor.rows, tensor.columns);
        packMatrix(this.kernels, source, this.#packedAddress(tensor.name));
      }
    }
    const rows = paddedVocabSize(this.config);
    const unembedding = transpose(matrix(this.addressOf("embedding"), rows, this.config.hiddenSize));
    packMatrix(this.kernels, unembedding, this.#packedAddress("embedding"));
  }

  addressOf(name: string): number {
    return this.weights + this.layout.get(name).offset * F32_BYTES;
  }

  #packedAddress(name: string): number {
    return this.#packed + this.layout.get(name).offset * F32_BYTES;
  }

  #packedMatrix(name: string): PackedMatrix {
    const { rows, columns } = this.layout.get(name);
    return { address: this.#packedAddress(name), rows, columns };
  }

  /**
   * Hidden states of `tokens`. The activations are allocated from the arena; `keep: false` lets all layers share one set,
   * when no backward pass follows.
   */
  forward(tokens: TokenRows, attention: Attention, { keep }: { readonly keep: boolean }): Activations {
    const { arena, kernels } = this;
    const { hiddenSize, numLayers, feedForwardSize } = this.config;
    const size = tokens.count * hiddenSize;
    const layers: LayerActivations[] = [];
    let input = arena.allocate(size);
    kernels.gatherRows(tokens.count, hiddenSize, tokens.ids, this.addressOf("embedding"), input);
    for (let index = 0; index < numLayers; index++) {
      const layer = keep || index === 0 ? this.#allocateLayer(tokens.count, input) : layers[0]!;
      layers.push(layer);
      const name = `layers.${index}`;

      this.#norm(`${name}.attention.norm`, tokens.count, layer.input, layer.attentionNorm, layer.attentionScales);
      this.#linear(`${name}.attention.qkv`, tokens.count, layer.attentionNorm, layer.qkv);
      this.rotateQueriesAndKeys(tokens, layer.qkv, 1);
      attention(layer, index);
      arena.copy(layer.input, layer.middle, size);
      this.#linear(`${name}.attention.out`, tokens.count, layer.attended, layer.middle, "add");

      this.#norm(
        `${name}.feed_forward.norm`,
        tokens.count,
        layer.middle,
        layer.feedForwardNorm,
        layer.feedForwardScales,
      );
      this.#linear(`${name}.feed_forward.gate_up`, tokens.count, layer.feedForwardNorm, layer.gateUp);
      kernels.swiglu(tokens.count, feedForwardSize, layer.gateUp, layer.activated);
      if (keep) input = arena.allocate(size);
      arena.copy(layer.middle, input, size);
      this.#linear(`${name}.feed_forward.down`, tokens.count, layer.activated, input, "add");
    }
    const hidden = arena.allocate(size);
    const finalScales = arena.allocate(tokens.count);
    this.#norm("norm", tokens.count, input, hidden, finalScales);
    return { layers, output: input, finalScales, hidden };
  }

  #allocateLayer(count: number, input: number): LayerActivations {
    const { arena, config } = this;
    const rows = (width: number): number => arena.allocate(count * width);
    return {
      input,
      attentionNorm: rows(config.hiddenSize),
      attentionScales: rows(1),
      qkv: rows(3 * config.hiddenSize),
      stats: rows(2 * config.numHeads),
      attended: rows(config.hiddenSize),
      middle: rows(config.hiddenSize),
      feedForwardNorm: rows(config.hiddenSize),
      feedForwardScales: rows(1),
      gateUp: rows(2 * config.feedForwardSize),
      activated: rows(config.feedForwardSize),
    };
  }

  #norm(name: string, count: number, x: number, y: number, scales: number): void {
    this.kernels.rmsNorm(count, this.config.hiddenSize, x, this.addressOf(name), y, scales);
  }

  #linear(name: string, count: number, x: number, y: number, mode?: "add"): void {
    const right = this.#packedMatrix(name);
    multiply(this.kernels, matrix(x, count, right.rows), right, y, mode);
  }

  /** Rotate (`sign` 1) or rotate back (−1) the query and key part of `qkv` rows by their tokens' positions. */
  rotateQueriesAndKeys(tokens: TokenRows, qkv: number, sign: 1 | -1): void {
    const { hiddenSize, numHeads } = this.config;
    const stride = 3 * hiddenSize * F32_BYTES;
    const { headSize } = this;
    this.kernels.rotate(
      tokens.count,
      2 * numHeads,
      headSize,
      qkv,
      stride,
      tokens.positions,
      this.#cosines,
      this.#sines,
      sign,
    );
  }

  /** Logits [rows, padded vocabulary] of `rows` hidden states. */
  logits(hidden: number, rows: number, target: number): void {
    const columns = paddedVocabSize(this.config);
    const right = { address: this.#packedAddress("embedding"), rows: this.config.hiddenSize, columns };
    multiply(this.kernels, matrix(hidden, rows, this.config.hiddenSize), right, target);
  }

  /** Causal self-attention within each of the sequences of `lengths`, which follow one another. */
  attendSequences(lengths: readonly number[]): Attention {
    const { hiddenSize, numHeads } = this.config;
    const scores = this.arena.allocate(Math.max(...lengths) + 4);
    return (layer) => {
      let start = 0;
      for (const length of lengths) {
        for (let head = 0; head < numHeads; head++) {
          const q = layer.qkv + (start * 3 * hiddenSize + head * this.headSize) * F32_BYTES;
          const y = layer.attended + (start * hiddenSize + head * this.headSize) * F32_BYTES;
          const stats = layer.stats + (start * numHeads + head) * 2 * F32_BYTES;
          this.attend(
            { rows: length, seen: 1, q, k: q + hiddenSize * F32_BYTES, v: q + 2 * hiddenSize * F32_BYTES },
            {
              kvStride: 3 * hiddenSize,
              y,
              stats,
              scores,
            },
          );
        }
        start += length;
      }
    };
  }

  /** The attention kernel for one head: `rows` queries, the first of which sees `seen` keys. `kvStride` counts floats. */
  attend(
    head: { rows: number; seen: number; q: number; k: number; v: number },
    out: { kvStride: number; y: number; stats: number; scores: number },
  ): void {
    const { hiddenSize, numHeads } = this.config;
    this.kernels.attend(
      head.rows,
      head.seen,
      this.headSize,
      head.q,
      3 * hiddenSize * F32_BYTES,
      head.k,
      head.v,
      out.kvStride * F32_BYTES,
      out.y,
      hiddenSize * F32_BYTES,
      out.stats,
      2 * numHeads * F32_BYTES,
      out.scores,
      1 / Math.sqrt(this.headSize),
    );
  }
}
