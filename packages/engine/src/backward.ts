import { F32_BYTES } from "./kernels/expressions.js";
import { matrix, type MatrixView, multiply, multiplyTransposed, packScoped, transpose } from "./matrix.js";
import { paddedVocabSize } from "./tensors.js";
import type { Activations, LayerActivations, TokenRows, Transformer } from "./transformer.js";

/** Addresses and sizes of one backward pass. `gradients` is laid out as the weights; everything is added to it. */
interface Pass {
  readonly model: Transformer;
  readonly tokens: TokenRows;
  /** Tokens of each sequence. */
  readonly lengths: readonly number[];
  readonly gradients: number;
}

/**
 * Add to `gradients` what follows from `dHidden`, the gradient of the normalised hidden states [N, D].
 * `activations` come from a forward pass over the same tokens with `keep: true`.
 */
export function backward(pass: Pass, activations: Activations, dHidden: number): void {
  const { model, tokens } = pass;
  const { hiddenSize, numLayers } = model.config;
  const { arena, kernels } = model;
  const dStream = arena.allocateZeros(tokens.count * hiddenSize);
  normBackward(pass, "norm", { x: activations.output, scales: activations.finalScales, dy: dHidden }, dStream);
  for (let index = numLayers - 1; index >= 0; index--) {
    arena.scoped(() => layerBackward(pass, `layers.${index}`, activations.layers[index]!, dStream));
  }
  kernels.scatterAddRows(tokens.count, hiddenSize, tokens.ids, dStream, gradientOf(pass, "embedding"));
}

/** `dStream` is the gradient of the residual stream after the layer, and afterwards of the stream before it. */
function layerBackward(pass: Pass, name: string, layer: LayerActivations, dStream: number): void {
  const { model, tokens } = pass;
  const { hiddenSize, feedForwardSize } = model.config;
  const { arena, kernels } = model;
  const rows = (width: number): number => arena.allocate(tokens.count * width);

  const dActivated = rows(feedForwardSize);
  linearBackward(pass, `${name}.feed_forward.down`, layer.activated, dStream, dActivated);
  const dGateUp = rows(2 * feedForwardSize);
  kernels.swigluBackward(tokens.count, feedForwardSize, layer.gateUp, dActivated, dGateUp);
  const dNorm = rows(hiddenSize);
  linearBackward(pass, `${name}.feed_forward.gate_up`, layer.feedForwardNorm, dGateUp, dNorm);
  const feedForwardNorm = { x: layer.middle, scales: layer.feedForwardScales, dy: dNorm };
  normBackward(pass, `${name}.feed_forward.norm`, feedForwardNorm, dStream);

  const dAttended = rows(hiddenSize);
  linearBackward(pass, `${name}.attention.out`, layer.attended, dStream, dAttended);
  const dQkv = arena.allocateZeros(tokens.count * 3 * hiddenSize);
  attentionBackward(pass, layer, dAttended, dQkv);
  model.rotateQueriesAndKeys(tokens, dQkv, -1);
  linearBackward(pass, `${name}.attention.qkv`, layer.attentionNorm, dQkv, dNorm);
  normBackward(pass, `${name}.attention.norm`, { x: layer.input, scales: layer.attentionScales, dy: dNorm }, dStream);
}

function gradientOf({ model, gradients }: Pass, name: string): number {
  return gradients + model.layout.get(name).offset * F32_BYTES;
}

/** For y = x · W: dW += xᵀ · dy and dx = dy · Wᵀ. */
function linearBackward(pass: Pass, name: string, x: number, dy: number, dx: number): void {
  const { model, tokens } = pass;
  const { rows: inputs, columns: outputs } = model.layout.get(name);
  const dyRows = matrix(dy, tokens.count, outputs);
  addTransposedProduct(model, matrix(x, tokens.count, inputs), dyRows, gradientOf(pass, name));
  setProduct(model, dyRows, transpose(matrix(model.addressOf(name), inputs, outputs)), dx);
}

/** target = left · right */
function setProduct(model: Transformer, left: MatrixView, right: MatrixView, target: number): void {
  model.arena.scoped(() => multiply(model.kernels, left, packScoped(model, right), target));
}

/** target += leftᵀ · right */
function addTransposedProduct(model: Transformer, left: MatrixView, right: MatrixView, target: number): void {
  model.arena.scoped(() => {
    multiplyTransposed(model.kernels, packScoped(model, left), packScoped(model, right), target, "add");
  });
}

function normBackward(
  pass: Pass,
  name: string,
  { x, scales, dy }: { readonly x: number; readonly scales: number; readonly dy: number },
  dx: number,
): void {
  const { model, tokens } = pass;
  const gain = model.addressOf(name);
  const { hiddenSize } = model.config;
  model.kernels.rmsNormBackward(tokens.count, hiddenSize, x, gain, scales, dy, dx, gradientOf(pass, name));
}

function attentionBackward({ model, lengths }: Pass, layer: LayerActivations, dAttended: number, dQkv: number): void {
  const { hiddenSize, numHeads } = model.config;
  const { arena, kernels, headSize } = model;
  const [valueBytes, qkvStride] = [hiddenSize * F32_BYTES, 3 * hiddenSize * F32_BYTES];
  const statsStride = 2 * numHeads * F32_BYTES;
  const scores = arena.allocate(2 * (Math.max(...lengths) + 4));
  let start = 0;
  for (const length of lengths) {
    for (let head = 0; head < numHeads; head++) {
      const inQkv = start * qkvStride + head * headSize * F32_BYTES;
      const inRow = start * valueBytes + head * headSize * F32_BYTES;
      const [q, dq] = [layer.qkv + inQkv, dQkv + inQkv];
      const stats = layer.stats + start * statsStride + head * 2 * F32_BYTES;
      kernels.attendBackward(
        length,
        headSize,
        q,
        q + valueBytes,
        q + 2 * valueBytes,
        qkvStride,
        layer.attended + inRow,
        dAttended + inRow,
        valueBytes,
        stats,
        statsStride,
        dq,
        dq + valueBytes,
        dq + 2 * valueBytes,
        scores,
        1 / Math.sqrt(headSize),
      );
    }
    start += length;
  }
}

/**
 * One chunk of the loss's way back: from the gradient of the logits [rows, padded vocabulary] to that of the hidden states,
 * written to `dHidden`, and to that of the embedding, added to `gradients`.
 */
export function unembeddingBackward(
  model: Transformer,
  chunk: { readonly rows: number; readonly hidden: number; readonly dLogits: number },
  dHidden: number,
  gradients: number,
): void {
  const { hiddenSize } = model.config;
  const padded = paddedVocabSize(model.config);
  const dLogits = matrix(chunk.dLogits, chunk.rows, padded);
  const hidden = matrix(chunk.hidden, chunk.rows, hiddenSize);
  const dEmbedding = gradients + model.layout.get("embedding").offset * F32_BYTES;
  setProduct(model, dLogits, matrix(model.addressOf("embedding"), padded, hiddenSize), dHidden);
  addTransposedProduct(model, dLogits, hidden, dEmbedding);
}
