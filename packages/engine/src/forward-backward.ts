import type { Datum, ForwardResult, LossFn, LossFnConfig } from "@pka/core";
import { backward, unembeddingBackward } from "./backward.js";
import { F32_BYTES } from "./kernels/expressions.js";
import { lossSettings, TOKEN_LOSSES } from "./losses.js";
import { paddedVocabSize } from "./tensors.js";
import type { Transformer } from "./transformer.js";

/** Tokens that go through the model at once; longer batches are cut between sequences. Bounds the memory for activations. */
const MICRO_BATCH_TOKENS = 2048;
/** Rows of logits that exist at once. */
const CHUNK_ROWS = 256;

/**
 * Logprobs and summed loss of `datums`; with the address of `gradients`, also adds the loss's gradient there.
 * `datums` have been checked.
 */
export function forwardBackward(
  model: Transformer,
  datums: readonly Datum[],
  lossFn: LossFn,
  config: LossFnConfig | undefined,
  gradients?: number,
): ForwardResult {
  const logprobs: Float32Array[] = [];
  let loss = 0;
  for (const microBatch of microBatches(datums)) {
    const part = model.arena.scoped(() => packedForwardBackward(model, microBatch, lossFn, config, gradients));
    logprobs.push(...part.logprobs);
    loss += part.loss;
  }
  return { logprobs, loss };
}

function* microBatches(datums: readonly Datum[]): Generator<Datum[]> {
  let batch: Datum[] = [];
  let count = 0;
  for (const datum of datums) {
    if (count > 0 && count + datum.tokens.length > MICRO_BATCH_TOKENS) {
      yield batch;
      batch = [];
      count = 0;
    }
    batch.push(datum);
    count += datum.tokens.length;
  }
  yield batch;
}

/** All sequences packed one after another: every linear layer is one product over all tokens, and nothing is padded. */
function packedForwardBackward(
  model: Transformer,
  datums: readonly Datum[],
  lossFn: LossFn,
  config: LossFnConfig | undefined,
  gradients: number | undefined,
): ForwardResult {
  const { arena } = model;
  const lengths = datums.map((datum) => datum.tokens.length);
  const count = lengths.reduce((sum, length) => sum + length, 0);
  const ids = arena.allocateInts(datums.flatMap((datum) => datum.tokens));
  const positions = arena.allocateInts(lengths.flatMap((length) => Array.from({ length }, (_, i) => i)));
  const tokens = { count, ids, positions };

  const keep = gradients !== undefined;
  const activations = model.forward(tokens, model.attendSequences(lengths), { keep });
  const dHidden = keep ? arena.allocateZeros(count * model.config.hiddenSize) : undefined;
  const result = chunkedLoss(model, datums, { lossFn, config, count, hidden: activations.hidden, dHidden, gradients });
  if (gradients !== undefined && dHidden !== undefined) {
    backward({ model, tokens, lengths, gradients }, activations, dHidden);
  }
  return { loss: result.loss, logprobs: splitByLength(result.logprobs, lengths) };
}

/** Logits, loss and their gradient, chunk by chunk: the logits of a whole batch never exist at once. */
function chunkedLoss(
  model: Transformer,
  datums: readonly Datum[],
  pass: {
    readonly lossFn: LossFn;
    readonly config: LossFnConfig | undefined;
    readonly count: number;
    readonly hidden: number;
    readonly dHidden: number | undefined;
    readonly gradients: number | undefined;
  },
): { readonly loss: number; readonly logprobs: Float32Array } {
  const { arena, kernels } = model;
  const { hiddenSize, vocabSize } = model.config;
  const { count, hidden, dHidden, gradients } = pass;
  const padded = paddedVocabSize(model.config);
  const tokenLoss = TOKEN_LOSSES[pass.lossFn];
  const settings = lossSettings(pass.config);
  const inputs = flattenLossInputs(datums, count);
  const targets = arena.allocateInts(datums.flatMap((datum) => datum.targetTokens));
  const [shifted, sums, slopes] = [arena.allocate(CHUNK_ROWS), arena.allocate(CHUNK_ROWS), arena.allocate(CHUNK_ROWS)];
  const logits = arena.allocate(Math.min(count, CHUNK_ROWS) * padded);
  const logprobs = new Float32Array(count);
  let loss = 0;

  for (let start = 0; start < count; start += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, count - start);
    const chunkTargets = targets + start * F32_BYTES;
    const chunkHidden = hidden + start * hiddenSize * F32_BYTES;
    model.logits(chunkHidden, rows, logits);
    kernels.softmaxRows(rows, vocabSize, padded, logits, 1, chunkTargets, shifted, sums);

    const [shiftedValues, sumValues] = [arena.floats(shifted, rows), arena.floats(sums, rows)];
    const slopeValues = arena.floats(slopes, rows);
    let anySlope = false;
    for (let row = 0; row < rows; row++) {
      const i = start + row;
      const logprob = shiftedValues[row]! - Math.log(sumValues[row]!);
      const token = tokenLoss(
        logprob,
        { weight: inputs.weights[i]!, samplerLogprob: inputs.logprobs[i]!, advantage: inputs.advantages[i]! },
        settings,
      );
      logprobs[i] = logprob;
      loss += token.loss;
      slopeValues[row] = token.slope;
      anySlope ||= token.slope !== 0;
    }
    if (dHidden === undefined || gradients === undefined || !anySlope) continue;

    kernels.logitGradient(rows, padded, logits, sums, chunkTargets, slopes);
    const chunk = { rows, hidden: chunkHidden, dLogits: logits };
    unembeddingBackward(model, chunk, dHidden + start * hiddenSize * F32_BYTES, gradients);
  }
  return { loss, logprobs };
}

/** The per-token inputs of all datums in one array each; weights are 1 where a datum has none. */
function flattenLossInputs(
  datums: readonly Datum[],
  count: number,
): Record<"weights" | "logprobs" | "advantages", Float64Array> {
  const flat = {
    weights: new Float64Array(count).fill(1),
    logprobs: new Float64Array(count),
    advantages: new Float64Array(count),
  };
  let start = 0;
  for (const datum of datums) {
    for (const field of ["weights", "logprobs", "advantages"] as const) flat[field].set(datum[field] ?? [], start);
    start += datum.tokens.length;
  }
  return flat;
}

function splitByLength(values: Float32Array, lengths: readonly number[]): Float32Array[] {
  let start = 0;
  return lengths.map((length) => values.slice(start, (start += length)));
}
