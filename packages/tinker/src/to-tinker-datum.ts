import type { Datum } from "@pka/core";
import { TinkerInputError } from "./errors.js";
import { LOSS_INPUTS, type TinkerLossFn } from "./losses.js";
import type { TinkerDatum } from "./wire/datum.js";
import { modelInputOfTokens, tokensOfModelInput } from "./wire/model-input.js";
import type { Tensor } from "./wire/tensor.js";

/** A row for training: core's, or the API's own, which also takes images, several targets per position and sparse arrays. */
export type TrainingDatum = Datum | TinkerDatum;

/**
 * The batch as the API takes it. Weights that are not given are 1.
 * @throws TinkerInputError naming the datum and the field that cannot be sent.
 */
export function toTinkerDatums(datums: readonly TrainingDatum[], lossFn: TinkerLossFn): TinkerDatum[] {
  if (datums.length === 0) throw new TinkerInputError("the batch is empty; at least one datum is needed");
  return datums.map((datum, index) => {
    const where = `datums[${index}]`;
    const inApiShape = "modelInput" in datum ? datum : fromCore(datum, lossFn, where);
    checkDatum(inApiShape, lossFn, where);
    return inApiShape;
  });
}

function fromCore(datum: Datum, lossFn: TinkerLossFn, where: string): TinkerDatum {
  const { tokens, targetTokens } = datum;
  if (tokens.length === 0) throw new TinkerInputError(`${where}.tokens is empty; at least one token is needed`);
  checkTokens(tokens, `${where}.tokens`);
  checkTokens(targetTokens, `${where}.targetTokens`);
  checkLength(targetTokens, `${where}.targetTokens`, tokens.length);
  const lossFnInputs: Record<string, Tensor> = { target_tokens: int64(targetTokens) };
  for (const field of ["weights", "logprobs", "advantages"] as const) {
    const isNeeded = LOSS_INPUTS[lossFn].includes(field);
    const values =
      datum[field] ?? (field === "weights" && isNeeded ? new Float32Array(tokens.length).fill(1) : undefined);
    if (values === undefined) continue;
    if (!isNeeded) throw new TinkerInputError(`${where}.${field} is not used by ${lossFn}; leave it out`);
    checkLength(values, `${where}.${field}`, tokens.length);
    lossFnInputs[field] = { dtype: "float32", data: Float32Array.from(values), shape: [values.length] };
  }
  return { modelInput: modelInputOfTokens(tokens), lossFnInputs };
}

function int64(values: readonly number[]): Tensor {
  return { dtype: "int64", data: Int32Array.from(values), shape: [values.length] };
}

function checkDatum({ modelInput, lossFnInputs }: TinkerDatum, lossFn: TinkerLossFn, where: string): void {
  for (const name of ["target_tokens", ...LOSS_INPUTS[lossFn]]) {
    if (Object.hasOwn(lossFnInputs, name)) continue;
    throw new TinkerInputError(`${where}.${name} is missing; ${lossFn} needs it`);
  }
  if (modelInput.chunks.some(({ type }) => type === "image_asset_pointer")) {
    throw new TinkerInputError(`${where}: an image asset pointer can only be sampled from; send the image itself`);
  }
  // How many tokens an image takes only the service knows.
  const length = tokensOfModelInput(modelInput)?.length;
  if (length === 0) throw new TinkerInputError(`${where} has no tokens; at least one is needed`);
  for (const [name, { data, shape, sparse }] of Object.entries(lossFnInputs)) {
    const numElements = shape.reduce((product, size) => product * size, 1);
    if (!sparse && numElements !== data.length) {
      throw new TinkerInputError(`${where}.${name}: shape [${shape.join(", ")}] does not hold ${data.length} elements`);
    }
    if (length !== undefined && shape[0] !== length) {
      throw new TinkerInputError(
        `${where}.${name} has ${shape[0]} positions, and the input ${length}; they must be equal`,
      );
    }
    if (data instanceof Float32Array) checkFinite(data, `${where}.${name}`);
  }
}

function checkTokens(tokens: readonly number[], where: string): void {
  const at = tokens.findIndex((token) => token < 0 || token !== (token | 0));
  if (at >= 0) throw new TinkerInputError(`${where}[${at}] is ${tokens[at]}, and no token id`);
}

function checkLength(values: ArrayLike<number>, where: string, expected: number): void {
  if (values.length === expected) return;
  throw new TinkerInputError(`${where} has ${values.length} elements, and tokens has ${expected}; they must be equal`);
}

function checkFinite(values: Float32Array, where: string): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new TinkerInputError(`${where}[${i}] is ${values[i]}, and must be a finite number`);
  }
}
