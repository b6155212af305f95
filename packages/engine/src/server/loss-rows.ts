import type { LossFn } from "@pka/core";
import { type TinkerDatum, toDense, tokensOfModelInput } from "@pka/tinker/wire";
import { EngineInputError } from "../errors.js";
import { floatInputs } from "./loss-config.js";

/** One datum as the losses see it: N positions, K targets at each. */
export interface LossRow {
  readonly tokens: readonly number[]; // [N]
  readonly targets: readonly number[]; // [N · K]
  readonly inputs: Readonly<Partial<Record<"weights" | "logprobs" | "advantages", Float32Array>>>; // [N · K]
  /** Of the targets: `[N]`, or `[N, K]`. */
  readonly shape: readonly number[];
}

/** @throws EngineInputError naming the datum and field that does not fit. */
export function toLossRow({ modelInput, lossFnInputs }: TinkerDatum, index: number, lossFn: LossFn): LossRow {
  const where = `data[${index}]`;
  const tokens = tokensOfModelInput(modelInput);
  if (!tokens)
    throw new EngineInputError(`${where}.model_input holds something else than text, which this model cannot read`);
  if (tokens.length === 0) throw new EngineInputError(`${where}.model_input is empty; at least one token is needed`);
  const { target_tokens: given, ...rest } = lossFnInputs;
  if (!given) throw new EngineInputError(`${where}.target_tokens is missing; every loss needs it`);
  const target = toDense(given);
  if (target.dtype !== "int64") throw new EngineInputError(`${where}.target_tokens must be int64, not ${target.dtype}`);
  const { shape } = target;
  if (shape.length > 2 || shape[0] !== tokens.length) {
    throw new EngineInputError(
      `${where}.target_tokens has the shape [${shape.join(", ")}], and the input has ${tokens.length} tokens: the first size must be equal`,
    );
  }
  if (shape.length === 2 && lossFn !== "cross_entropy") {
    throw new EngineInputError(`${where}.target_tokens has two dimensions, which only cross_entropy takes`);
  }
  const known = floatInputs(lossFn);
  const inputs: Partial<Record<"weights" | "logprobs" | "advantages", Float32Array>> = {};
  for (const [name, tensor] of Object.entries(rest)) {
    const field = known.find((other) => other === name);
    if (!field) {
      throw new EngineInputError(
        `${where}.${name} is not used by ${lossFn}; it takes target_tokens, ${known.join(", ")}`,
      );
    }
    const dense = toDense(tensor);
    if (dense.shape.join() !== shape.join()) {
      throw new EngineInputError(
        `${where}.${name} has the shape [${dense.shape.join(", ")}], and target_tokens has [${shape.join(", ")}]; they must be equal`,
      );
    }
    const values = dense.dtype === "float32" ? dense.data : Float32Array.from<number | bigint>(dense.data, Number);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new EngineInputError(`${where}.${name}[${wrong}] is ${values[wrong]}, and must be a finite number`);
    inputs[field] = values;
  }
  const missing = known.find((field) => field !== "weights" && inputs[field] === undefined);
  if (missing) throw new EngineInputError(`${where}.${missing} is missing; ${lossFn} needs it`);
  return { tokens: [...tokens], targets: Array.from<number | bigint, number>(target.data, Number), inputs, shape };
}
