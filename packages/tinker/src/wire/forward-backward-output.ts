import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { z } from "zod";
import { readMessage } from "./forward-backward-request.js";
import { widen } from "./int64.js";
import { pack, unpackInt64 } from "./packed.js";
import { parseWith } from "./parse-json.js";
import {
  decodeValues,
  type Tensor,
  tensorFromJson,
  tensorJsonSchema,
  tensorToJson,
  toDense,
  toShape,
} from "./tensor.js";
import {
  type ArrayRecord,
  ArrayRecordSchema,
  type BatchedTensor,
  BatchedTensorSchema,
  DType,
  ForwardBackwardOutputSchema,
} from "./tinker_public_pb.js";
import { WireFormatError } from "./wire-format-error.js";

/** What a forward or forward-backward pass computed. */
export interface ForwardBackwardOutput {
  /** A name of the service's own, `ArrayRecord`. */
  readonly lossFnOutputType: string;
  /** One per datum, in the order of the request: `logprobs` and more. */
  readonly lossFnOutputs: readonly Readonly<Record<string, Tensor>>[];
  /** Names are `name:reduction`, `loss:sum`. */
  readonly metrics: Readonly<Record<string, number>>;
}

type Outputs = Readonly<Record<string, Tensor>>;

/** Protobuf bytes: one record for each run of datums with equal names, dtypes and trailing shapes. */
export function encodeForwardBackwardOutput(output: ForwardBackwardOutput): Uint8Array<ArrayBuffer> {
  const runs: Outputs[][] = [];
  for (const outputs of output.lossFnOutputs) {
    const run = runs.at(-1);
    if (run && signature(run[0]!) === signature(outputs)) run.push(outputs);
    else runs.push([outputs]);
  }
  const message = create(ForwardBackwardOutputSchema, {
    lossFnOutputType: output.lossFnOutputType,
    lossFnOutputs: runs.map(encodeRecord),
    metrics: { ...output.metrics },
  });
  return toBinary(ForwardBackwardOutputSchema, message);
}

function signature(outputs: Outputs): string {
  return JSON.stringify(Object.entries(outputs).map(([name, { dtype, shape }]) => [name, dtype, ...shape.slice(1)]));
}

function encodeRecord(run: readonly Outputs[]): ArrayRecord {
  const fields = Object.keys(run[0]!).map((name) => [name, encodeBatch(run.map((outputs) => outputs[name]!))] as const);
  return create(ArrayRecordSchema, { numDatums: BigInt(run.length), fields: Object.fromEntries(fields) });
}

function encodeBatch(tensors: readonly Tensor[]): BatchedTensor {
  const parts = tensors.map((tensor) => {
    const { dtype, data } = toDense(tensor);
    return pack(dtype === "float32" ? data : widen(data));
  });
  const offsets = new BigInt64Array(parts.length + 1);
  let length = 0;
  for (const [index, part] of parts.entries()) {
    length += part.length;
    offsets[index + 1] = BigInt(length);
  }
  const data = new Uint8Array(length);
  for (const [index, part] of parts.entries()) data.set(part, Number(offsets[index]!));
  const { dtype, shape } = tensors[0]!;
  return create(BatchedTensorSchema, {
    data,
    offsets: pack(offsets),
    dtype: dtype === "float32" ? DType.DTYPE_FLOAT32 : DType.DTYPE_INT64,
    trailingShape: shape.slice(1).map(BigInt),
  });
}

/** @throws WireFormatError naming the field. */
export function decodeForwardBackwardOutput(bytes: Uint8Array): ForwardBackwardOutput {
  const message = readMessage("ForwardBackwardOutput", () => fromBinary(ForwardBackwardOutputSchema, bytes));
  return {
    lossFnOutputType: shortTypeName(message.lossFnOutputType),
    lossFnOutputs: message.lossFnOutputs.flatMap((record, index) => decodeRecord(record, `loss_fn_outputs[${index}]`)),
    metrics: message.metrics,
  };
}

/** A class name may come with its module in front. */
function shortTypeName(name: string): string {
  return name.split(":").at(-1) || "ArrayRecord";
}

function decodeRecord(record: ArrayRecord, where: string): Outputs[] {
  const fields = Object.entries(record.fields).map(
    ([name, batch]) => [name, decodeBatch(batch, `${where}.${name}`)] as const,
  );
  // Older writers leave the count out.
  const numDatums = Number(record.numDatums) || (fields[0]?.[1].length ?? 0);
  for (const [name, tensors] of fields) {
    if (tensors.length === numDatums) continue;
    throw new WireFormatError(`${where}.${name}: ${tensors.length} arrays for ${numDatums} datums`);
  }
  return Array.from({ length: numDatums }, (_, datum) =>
    Object.fromEntries(fields.map(([name, tensors]) => [name, tensors[datum]!])),
  );
}

function decodeBatch(batch: BatchedTensor, where: string): Tensor[] {
  const offsets = Array.from(unpackInt64(batch.offsets, `${where}.offsets`), Number);
  const trailing = toShape(batch.trailingShape, where);
  const numTrailing = trailing.reduce((product, size) => product * size, 1);
  return offsets.slice(1).map((end, datum): Tensor => {
    const start = offsets[datum]!;
    if (!(start >= 0 && start <= end && end <= batch.data.length)) {
      throw new WireFormatError(`${where}: bytes ${start} to ${end} of ${batch.data.length} do not exist`);
    }
    const values = decodeValues(batch.dtype, batch.data.subarray(start, end), where);
    const leading = numTrailing === 0 ? 0 : values.data.length / numTrailing;
    if (!Number.isInteger(leading)) {
      throw new WireFormatError(`${where}: ${values.data.length} elements do not fill rows of ${numTrailing}`);
    }
    return { ...values, shape: [leading, ...trailing] };
  });
}

const outputSchema = z.object({
  loss_fn_output_type: z.string().default("ArrayRecord"),
  loss_fn_outputs: z.array(z.record(z.string(), tensorJsonSchema)),
  // JSON has no NaN and no infinity.
  metrics: z.record(z.string(), z.number().nullable()).nullish(),
});

/** The JSON form of a forward or forward-backward result. */
export function forwardBackwardOutputToJson(output: ForwardBackwardOutput): z.input<typeof outputSchema> {
  return {
    loss_fn_output_type: output.lossFnOutputType,
    loss_fn_outputs: output.lossFnOutputs.map((outputs) =>
      Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensorToJson(tensor)])),
    ),
    metrics: { ...output.metrics },
  };
}

/** @throws WireFormatError naming the field. */
export function forwardBackwardOutputFromJson(json: unknown): ForwardBackwardOutput {
  const body = parseWith(outputSchema, json, "forward_backward result");
  return {
    lossFnOutputType: shortTypeName(body.loss_fn_output_type),
    lossFnOutputs: body.loss_fn_outputs.map((outputs, index) =>
      Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [
          name,
          tensorFromJson(tensor, `loss_fn_outputs[${index}].${name}`),
        ]),
      ),
    ),
    metrics: readMetrics(body.metrics),
  };
}

/** `null` stands for a number that JSON cannot write. */
export function readMetrics(metrics: Record<string, number | null> | null | undefined): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics ?? {}).map(([name, value]) => [name, value ?? Number.NaN]));
}
