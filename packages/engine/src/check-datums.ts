import type { Datum, LossFn, LossFnConfig } from "@pka/core";
import { EngineInputError } from "./errors.js";
import { LOSS_FIELDS, TOKEN_LOSSES } from "./losses.js";
import type { ModelConfig } from "./model-config.js";

/** @throws EngineInputError naming the token and its position. */
export function checkTokens(tokens: readonly number[], where: string, { vocabSize }: ModelConfig): void {
  const at = tokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabSize);
  if (at < 0) return;
  throw new EngineInputError(
    `${where}[${at}]: ${tokens[at]} is not a token id; this model's are 0 to ${vocabSize - 1}`,
  );
}

/** @throws EngineInputError when the sequence is empty or exceeds the context. */
export function checkLength(length: number, where: string, { contextLength }: ModelConfig): void {
  if (length === 0) throw new EngineInputError(`${where} is empty; at least one token is needed`);
  if (length <= contextLength) return;
  throw new EngineInputError(
    `${where} has ${length} tokens, and this model's context holds ${contextLength}: shorten it`,
  );
}

/** @throws EngineInputError naming the datum and field that do not fit the model or the loss. */
export function checkDatums(
  datums: readonly Datum[],
  lossFn: LossFn,
  config: LossFnConfig | undefined,
  model: ModelConfig,
): void {
  if (!Object.hasOwn(TOKEN_LOSSES, lossFn)) {
    throw new EngineInputError(`unknown loss "${lossFn}"; there are ${Object.keys(TOKEN_LOSSES).join(", ")}`);
  }
  for (const name of ["clipLowThreshold", "clipHighThreshold"] as const) {
    const value = config?.[name];
    if (value !== undefined && !(value >= 0)) throw new EngineInputError(`${name} is ${value}, and must be 0 or more`);
  }
  if (lossFn === "dro" && !(config?.beta !== undefined && config.beta > 0 && config.beta < Infinity)) {
    throw new EngineInputError(
      `dro needs beta, a number above 0${config?.beta === undefined ? "" : `, not ${config.beta}`}`,
    );
  }
  if (datums.length === 0) throw new EngineInputError("the batch is empty; at least one datum is needed");
  for (const [index, datum] of datums.entries()) checkDatum(datum, `datums[${index}]`, lossFn, model);
}

function checkDatum(datum: Datum, where: string, lossFn: LossFn, model: ModelConfig): void {
  const { tokens, targetTokens } = datum;
  checkLength(tokens.length, `${where}.tokens`, model);
  checkSameLength(targetTokens, `${where}.targetTokens`, tokens.length);
  checkTokens(tokens, `${where}.tokens`, model);
  checkTokens(targetTokens, `${where}.targetTokens`, model);
  for (const field of ["weights", "logprobs", "advantages"] as const) {
    const values = datum[field];
    if (values === undefined) {
      if (field === "weights" || !LOSS_FIELDS[lossFn].includes(field)) continue;
      throw new EngineInputError(`${where}.${field} is missing; ${lossFn} needs it`);
    }
    if (!LOSS_FIELDS[lossFn].includes(field)) {
      throw new EngineInputError(`${where}.${field} is not used by ${lossFn}; leave it out`);
    }
    checkSameLength(values, `${where}.${field}`, tokens.length);
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i])) continue;
      throw new EngineInputError(`${where}.${field}[${i}] is ${values[i]}, and must be a finite number`);
    }
  }
}

function checkSameLength(values: ArrayLike<number>, where: string, expected: number): void {
  if (values.length === expected) return;
  throw new EngineInputError(`${where} has ${values.length} elements, and tokens has ${expected}; they must be equal`);
}
