import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  decodeForwardBackwardRequest,
  type ForwardBackwardRequest,
  forwardBackwardRequestFromJson,
  parseJson,
  WireFormatError,
} from "@pka/tinker/wire";
import { z } from "zod";

/** Whom a pass is for, and the pass; `error` when the rest of the body cannot be read. */
export type PassRequest = { readonly modelId: string; readonly seqId: number | undefined } & (
  | { readonly request: ForwardBackwardRequest }
  | { readonly error: WireFormatError }
);

/**
 * Read the body of a forward or forward-backward pass. A datum that contradicts itself still has its place in the model's sequence:
 * if that were left empty, all later requests would wait for it.
 * @throws WireFormatError when not even the model can be read.
 */
export function readPassRequest(bytes: Uint8Array, isProtobuf: boolean): PassRequest {
  try {
    const request = isProtobuf
      ? decodeForwardBackwardRequest(bytes)
      : forwardBackwardRequestFromJson(parseJson(new TextDecoder().decode(bytes)));
    return { modelId: request.modelId, seqId: request.seqId, request };
  } catch (error) {
    if (!(error instanceof WireFormatError)) throw error;
    const envelope = isProtobuf ? protobufEnvelope(bytes) : jsonEnvelope(bytes);
    if (!envelope) throw error;
    return { ...envelope, error };
  }
}

type Envelope = { readonly modelId: string; readonly seqId: number | undefined };

const envelopeSchema = z.object({ model_id: z.string(), seq_id: z.number().int().positive().optional() });

function jsonEnvelope(bytes: Uint8Array): Envelope | undefined {
  const json = parseJson(new TextDecoder().decode(bytes));
  const { data } = envelopeSchema.safeParse(json);
  return data && { modelId: data.model_id, seqId: data.seq_id };
}

/** Fields 1 and 2 of `ForwardBackwardRequest`. */
function protobufEnvelope(bytes: Uint8Array): Envelope | undefined {
  let modelId: string | undefined;
  let seqId: number | undefined;
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len && (modelId === undefined || seqId === undefined)) {
      const [field, wireType] = reader.tag();
      if (field === 1 && wireType === WireType.LengthDelimited) modelId = reader.string();
      else if (field === 2 && wireType === WireType.Varint) seqId = reader.int32();
      else reader.skip(wireType, field);
    }
  } catch {
    // What came before the damage is all there is.
  }
  return modelId === undefined ? undefined : { modelId, seqId: seqId || undefined };
}
