import { messageOf } from "@pka/core";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { z } from "zod";
import { datumFromJson, datumJsonSchema, datumToJson, decodeDatum, encodeDatum, type TinkerDatum } from "./datum.js";
import { parseWith } from "./parse-json.js";
import { ForwardBackwardRequestSchema, LossConfigValueSchema } from "./tinker_public_pb.js";
import { WireFormatError } from "./wire-format-error.js";

/** The body of `POST /forward_backward` and, in JSON only, of `POST /forward`. */
export interface ForwardBackwardRequest {
  readonly modelId: string;
  /** ≥ 1. Absent: not given. */
  readonly seqId?: number | undefined;
  readonly data: readonly TinkerDatum[];
  readonly lossFn: string;
  readonly lossFnConfig?: Readonly<Record<string, number | string>> | undefined;
  /** No gradient. */
  readonly forwardOnly: boolean;
}

/** Protobuf bytes. @throws WireFormatError for what has no protobuf form. */
export function encodeForwardBackwardRequest(request: ForwardBackwardRequest): Uint8Array<ArrayBuffer> {
  const { modelId, seqId = 0, data, lossFn, lossFnConfig = {}, forwardOnly } = request;
  const config = Object.entries(lossFnConfig);
  // Old servers know the numbers only; new ones read the second map.
  const numbers = config.filter((entry): entry is [string, number] => typeof entry[1] === "number");
  const values = config.map(([name, value]) => {
    const choice = typeof value === "number" ? { case: "number" as const, value } : { case: "text" as const, value };
    return [name, create(LossConfigValueSchema, { value: choice })] as const;
  });
  const message = create(ForwardBackwardRequestSchema, {
    modelId,
    seqId,
    lossFn,
    forwardOnly,
    lossFnConfig: Object.fromEntries(numbers),
    lossFnConfigV2: Object.fromEntries(values),
    data: data.map(encodeDatum),
  });
  return toBinary(ForwardBackwardRequestSchema, message);
}

/** @throws WireFormatError naming the field. */
export function decodeForwardBackwardRequest(bytes: Uint8Array): ForwardBackwardRequest {
  const message = readMessage("ForwardBackwardRequest", () => fromBinary(ForwardBackwardRequestSchema, bytes));
  const { modelId, seqId, lossFn, forwardOnly } = message;
  const config: [string, number | string][] = Object.entries(message.lossFnConfig);
  for (const [name, { value }] of Object.entries(message.lossFnConfigV2)) {
    if (value.case !== undefined) config.push([name, value.value]);
  }
  return {
    modelId,
    seqId: seqId === 0 ? undefined : seqId,
    data: message.data.map((datum, index) => decodeDatum(datum, `data[${index}]`)),
    lossFn,
    lossFnConfig: config.length > 0 ? Object.fromEntries(config) : undefined,
    forwardOnly,
  };
}

/** The protobuf library's own errors become ours. */
export function readMessage<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireFormatError) throw error;
    throw new WireFormatError(`not a protobuf ${name}: ${messageOf(error)}`);
  }
}

const inputSchema = z.object({
  data: z.array(datumJsonSchema),
  loss_fn: z.string(),
  loss_fn_config: z.record(z.string(), z.union([z.number(), z.string()])).nullish(),
});

const requestSchema = z.object({
  forward_backward_input: inputSchema.optional(),
  forward_input: inputSchema.optional(),
  model_id: z.string(),
  seq_id: z.number().int().nullish(),
});

/** The JSON form. A forward pass has another key, and goes to `/forward`. */
export function forwardBackwardRequestToJson(request: ForwardBackwardRequest): z.infer<typeof requestSchema> {
  const { modelId, seqId, data, lossFn, lossFnConfig, forwardOnly } = request;
  const input = {
    data: data.map(datumToJson),
    loss_fn: lossFn,
    ...(lossFnConfig && { loss_fn_config: { ...lossFnConfig } }),
  };
  return {
    ...(forwardOnly ? { forward_input: input } : { forward_backward_input: input }),
    model_id: modelId,
    ...(seqId !== undefined && { seq_id: seqId }),
  };
}

/** @throws WireFormatError naming the field. */
export function forwardBackwardRequestFromJson(json: unknown): ForwardBackwardRequest {
  const body = parseWith(requestSchema, json, "forward_backward request");
  const input = body.forward_backward_input ?? body.forward_input;
  if (!input) throw new WireFormatError("forward_backward request: field forward_backward_input is missing");
  return {
    modelId: body.model_id,
    seqId: body.seq_id || undefined,
    data: input.data.map((datum, index) => datumFromJson(datum, `data[${index}]`)),
    lossFn: input.loss_fn,
    lossFnConfig: input.loss_fn_config ?? undefined,
    forwardOnly: body.forward_backward_input === undefined,
  };
}
