import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import {
  decodeChunk,
  encodeChunk,
  type ModelInput,
  modelInputFromJson,
  modelInputJsonSchema,
  modelInputToJson,
} from "./model-input.js";
import { decodeTensor, encodeTensor, type Tensor, tensorFromJson, tensorJsonSchema, tensorToJson } from "./tensor.js";
import { type Datum as DatumMessage, DatumSchema } from "./tinker_public_pb.js";

/** One training row in the API's own shape: an input and, by name, the arrays its loss needs, each aligned with the input. */
export interface TinkerDatum {
  readonly modelInput: ModelInput;
  /** `target_tokens`, `weights`, `logprobs`, `advantages`, … */
  readonly lossFnInputs: Readonly<Record<string, Tensor>>;
}

export function encodeDatum({ modelInput, lossFnInputs }: TinkerDatum): DatumMessage {
  const inputs = Object.entries(lossFnInputs).map(([name, tensor]) => [name, encodeTensor(tensor)] as const);
  return create(DatumSchema, {
    modelInput: modelInput.chunks.map(encodeChunk),
    lossFnInputs: Object.fromEntries(inputs),
  });
}

/** @throws WireFormatError naming `where`. */
export function decodeDatum(message: DatumMessage, where: string): TinkerDatum {
  const chunks = message.modelInput.map((chunk, index) => decodeChunk(chunk, `${where}.model_input[${index}]`));
  const inputs = Object.entries(message.lossFnInputs).map(
    ([name, tensor]) => [name, decodeTensor(tensor, `${where}.${name}`)] as const,
  );
  return { modelInput: { chunks }, lossFnInputs: Object.fromEntries(inputs) };
}

export const datumJsonSchema = z.object({
  model_input: modelInputJsonSchema,
  loss_fn_inputs: z.record(z.string(), tensorJsonSchema),
});

export function datumToJson({ modelInput, lossFnInputs }: TinkerDatum): z.infer<typeof datumJsonSchema> {
  const inputs = Object.entries(lossFnInputs).map(([name, tensor]) => [name, tensorToJson(tensor)] as const);
  return { model_input: modelInputToJson(modelInput), loss_fn_inputs: Object.fromEntries(inputs) };
}

/** @throws WireFormatError naming `where`. */
export function datumFromJson(json: z.infer<typeof datumJsonSchema>, where: string): TinkerDatum {
  const inputs = Object.entries(json.loss_fn_inputs).map(
    ([name, tensor]) => [name, tensorFromJson(tensor, `${where}.${name}`)] as const,
  );
  return {
    modelInput: modelInputFromJson(json.model_input, `${where}.model_input`),
    lossFnInputs: Object.fromEntries(inputs),
  };
}
