import type { Datum, LossFn, LossFnConfig, TrainingClient } from "@pka/core";
import type { ForwardBackwardOutput, ForwardBackwardRequest, Tensor } from "@pka/tinker/wire";
import { EngineInputError } from "../errors.js";
import { lossSettings, TOKEN_LOSSES } from "../losses.js";
import { parseLossConfig, parseLossFn } from "./loss-config.js";
import { type LossRow, toLossRow } from "./loss-rows.js";
import { sumByOwner, type TokenCodec } from "./token-codec.js";

export type PassInput = Pick<ForwardBackwardRequest, "data" | "lossFn" | "lossFnConfig" | "forwardOnly">;

/** Logprobs of every target, and the summed loss. */
interface Pass {
  readonly logprobs: readonly Float32Array[];
  readonly loss: number;
}

/**
 * One `forward_backward`, or forward pass: the API's datums, in the vocabulary of the model's clients.
 * @throws EngineInputError naming the datum and field that does not fit; nothing was added to the gradient then.
 */
export async function runForwardBackward(
  client: TrainingClient,
  codec: TokenCodec,
  request: PassInput,
): Promise<ForwardBackwardOutput> {
  const lossFn = parseLossFn(request.lossFn);
  const config = parseLossConfig(lossFn, request.lossFnConfig);
  if (request.data.length === 0) throw new EngineInputError("data is empty; at least one datum is needed");
  const rows = request.data.map((datum, index) => toLossRow(datum, index, lossFn));
  const pass = codec.isIdentity
    ? await runRows(client, rows, lossFn, config, request.forwardOnly)
    : await runTranslatedRows(client, codec, rows, lossFn, config, request.forwardOnly);
  return {
    lossFnOutputType: "ArrayRecord",
    lossFnOutputs: rows.map((row, index) => outputsOf(row, pass.logprobs[index]!, lossFn)),
    metrics: { "loss:sum": pass.loss },
  };
}

function outputsOf({ shape, inputs }: LossRow, logprobs: Float32Array, lossFn: LossFn): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = { logprobs: { dtype: "float32", data: logprobs, shape } };
  if (lossFn === "cross_entropy") {
    const data = logprobs.map((logprob, i) => -(inputs.weights?.[i] ?? 1) * logprob);
    outputs["elementwise_loss"] = { dtype: "float32", data, shape };
  }
  return outputs;
}

function call(client: TrainingClient, forwardOnly: boolean): TrainingClient["forward"] {
  return (datums, lossFn, config) =>
    forwardOnly ? client.forward(datums, lossFn, config) : client.forwardBackward(datums, lossFn, config);
}

/** K targets at a position are K datums that differ in their targets: a sum of losses is a sum over them. */
async function runRows(
  client: TrainingClient,
  rows: readonly LossRow[],
  lossFn: LossFn,
  config: LossFnConfig,
  forwardOnly: boolean,
): Promise<Pass> {
  const columnsOf = ({ shape }: LossRow): number => shape[1] ?? 1;
  const datums = rows.flatMap((row): Datum[] => {
    const columns = columnsOf(row);
    return Array.from({ length: columns }, (_, column) => ({
      tokens: row.tokens,
      targetTokens: takeColumn(row.targets, columns, column),
      ...Object.fromEntries(
        Object.entries(row.inputs).map(([name, values]) => [name, takeColumn(values, columns, column)]),
      ),
    }));
  });
  const { logprobs, loss } = await call(client, forwardOnly)(datums, lossFn, config);
  let first = 0;
  return {
    loss,
    logprobs: rows.map((row) => {
      const columns = columnsOf(row);
      const parts = logprobs.slice(first, (first += columns));
      return Float32Array.from({ length: row.targets.length }, (_, i) => parts[i % columns]![Math.floor(i / columns)]!);
    }),
  };
}

function takeColumn(values: ArrayLike<number>, columns: number, column: number): number[] {
  return Array.from({ length: values.length / columns }, (_, row) => values[row * columns + column]!);
}

/**
 * Datums in another vocabulary: a client's token has the sum of its engine tokens' logprobs. The loss is computed from these sums, and
 * its slope in each of them is the weight of their engine tokens in a cross-entropy pass, which therefore has the same gradient.
 */
async function runTranslatedRows(
  client: TrainingClient,
  codec: TokenCodec,
  rows: readonly LossRow[],
  lossFn: LossFn,
  config: LossFnConfig,
  forwardOnly: boolean,
): Promise<Pass> {
  const aligned = rows.map((row, index) => {
    const { tokens, owners } = codec.toEngine(wholeSequence(row, index));
    // Target i is the client's token i + 1; the engine predicts all of its tokens but the first.
    return { tokens, targets: owners.slice(1).map((owner) => owner - 1) };
  });
  const toDatums = (weights?: readonly Float64Array[]): Datum[] =>
    aligned.map(({ tokens, targets }, index) => ({
      tokens: tokens.slice(0, -1),
      targetTokens: tokens.slice(1),
      weights: targets.map((target) => (target < 0 ? 0 : (weights?.[index]?.[target] ?? 0))),
    }));
  const forward = await client.forward(toDatums(), "cross_entropy");
  const logprobs = rows.map((row, index) =>
    sumByOwner(forward.logprobs[index]!, aligned[index]!.targets, row.targets.length),
  );

  let loss = 0;
  const settings = lossSettings(config);
  const weights = rows.map(({ inputs }, index) =>
    Float64Array.from(logprobs[index]!, (logprob, i) => {
      const token = TOKEN_LOSSES[lossFn](
        logprob,
        {
          weight: inputs.weights?.[i] ?? 1,
          samplerLogprob: inputs.logprobs?.[i] ?? 0,
          advantage: inputs.advantages?.[i] ?? 0,
        },
        settings,
      );
      loss += token.loss;
      return -token.slope;
    }),
  );
  if (!forwardOnly) await client.forwardBackward(toDatums(weights), "cross_entropy");
  return { logprobs, loss };
}

/** The tokens and the last target. @throws EngineInputError when the targets are not the tokens that follow. */
function wholeSequence({ tokens, targets, shape }: LossRow, index: number): number[] {
  const wrong = tokens.findIndex((token, i) => i > 0 && token !== targets[i - 1]);
  if (shape.length === 1 && wrong < 0) return [...tokens, targets.at(-1)!];
  throw new EngineInputError(
    `data[${index}].target_tokens: this model stands in for another one and can only be trained on the token that follows each token`,
  );
}
