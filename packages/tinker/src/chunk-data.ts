import type { TinkerDatum } from "./wire/datum.js";
import type { Chunk } from "./wire/model-input.js";
import type { Tensor } from "./wire/tensor.js";

const INDEX_BYTES = 8;

/** Datums that go into one request. */
export interface DataChunk {
  readonly data: readonly TinkerDatum[];
  /** About as many as the request will have. */
  readonly bytes: number;
}

/** Splits a batch into requests of at most `maxLength` datums and about `maxBytes`. A larger datum goes alone. */
export function chunkData(
  data: readonly TinkerDatum[],
  { maxLength, maxBytes }: { readonly maxLength: number; readonly maxBytes: number },
): DataChunk[] {
  const chunks: DataChunk[] = [];
  let current: TinkerDatum[] = [];
  let bytes = 0;
  for (const datum of data) {
    const size = bytesOfDatum(datum);
    if (current.length === maxLength || (current.length > 0 && bytes + size > maxBytes)) {
      chunks.push({ data: current, bytes });
      current = [];
      bytes = 0;
    }
    current.push(datum);
    bytes += size;
  }
  if (current.length > 0) chunks.push({ data: current, bytes });
  return chunks;
}

function bytesOfDatum({ modelInput, lossFnInputs }: TinkerDatum): number {
  const input = modelInput.chunks.reduce((sum, chunk) => sum + bytesOfChunk(chunk), 0);
  return Object.values(lossFnInputs).reduce((sum, tensor) => sum + bytesOfTensor(tensor), input);
}

function bytesOfChunk(chunk: Chunk): number {
  switch (chunk.type) {
    case "encoded_text":
      return chunk.tokens.byteLength;
    case "image":
      return chunk.data.length;
    case "dmel":
      return chunk.dmel.length;
    default:
      return chunk.location.length;
  }
}

function bytesOfTensor({ dtype, data, sparse }: Tensor): number {
  const indices = sparse ? sparse.crowIndices.length + sparse.colIndices.length : 0;
  return data.length * (dtype === "float32" ? 4 : 8) + indices * INDEX_BYTES;
}
