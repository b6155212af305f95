import { create } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { z } from "zod";
import { pack, unpackInt32 } from "./packed.js";
import { type Chunk as ChunkMessage, ChunkSchema } from "./tinker_public_pb.js";
import { WireFormatError } from "./wire-format-error.js";

/** A piece of the input. */
export type Chunk =
  | { readonly type: "encoded_text"; readonly tokens: Int32Array }
  | {
      readonly type: "image";
      readonly data: Uint8Array;
      readonly format: "png" | "jpeg";
      /** The server refuses the image at once when it takes another number of tokens. */
      readonly expectedTokens?: number | undefined;
    }
  /** For sampling only. */
  | {
      readonly type: "image_asset_pointer";
      readonly location: string;
      readonly format: "png" | "jpeg";
      readonly expectedTokens?: number | undefined;
    }
  /** Audio, as a serialised tensor. */
  | { readonly type: "dmel"; readonly dmel: Uint8Array };

/** What a model reads: its chunks, one after another. */
export interface ModelInput {
  readonly chunks: readonly Chunk[];
}

/** Token ids as the input of a model. */
export function modelInputOfTokens(tokens: ArrayLike<number>): ModelInput {
  return { chunks: [{ type: "encoded_text", tokens: Int32Array.from(tokens) }] };
}

/** All tokens of an input that is text only, else `undefined`. */
export function tokensOfModelInput({ chunks }: ModelInput): Int32Array | undefined {
  const texts: Int32Array[] = [];
  for (const chunk of chunks) {
    if (chunk.type !== "encoded_text") return undefined;
    texts.push(chunk.tokens);
  }
  if (texts.length === 1) return texts[0];
  const tokens = new Int32Array(texts.reduce((sum, text) => sum + text.length, 0));
  let offset = 0;
  for (const text of texts) {
    tokens.set(text, offset);
    offset += text.length;
  }
  return tokens;
}

/** @throws WireFormatError for an image asset pointer, which has no protobuf form. */
export function encodeChunk(chunk: Chunk): ChunkMessage {
  switch (chunk.type) {
    case "encoded_text":
      return create(ChunkSchema, { chunk: { case: "encodedText", value: { tokens: pack(chunk.tokens) } } });
    case "image": {
      const { data, format, expectedTokens } = chunk;
      const value = { data, format, ...(expectedTokens !== undefined && { expectedTokens }) };
      return create(ChunkSchema, { chunk: { case: "image", value } });
    }
    case "dmel":
      return create(ChunkSchema, { chunk: { case: "dmel", value: { dmel: chunk.dmel } } });
    default:
      throw new WireFormatError("an image asset pointer can be sampled from, not trained on: send the image itself");
  }
}

/** @throws WireFormatError naming `where`. */
export function decodeChunk({ chunk }: ChunkMessage, where: string): Chunk {
  switch (chunk.case) {
    case "encodedText":
      return { type: "encoded_text", tokens: unpackInt32(chunk.value.tokens, where) };
    case "image": {
      const { data, format, expectedTokens } = chunk.value;
      if (format !== "png" && format !== "jpeg") throw new WireFormatError(`${where}: image format "${format}"`);
      return { type: "image", data, format, expectedTokens };
    }
    case "dmel":
      return { type: "dmel", dmel: chunk.value.dmel };
    default:
      throw new WireFormatError(`${where}: a kind of input that this version does not know`);
  }
}

const tokensSchema = z.array(z.number().int());
const formatSchema = z.enum(["png", "jpeg"]);
const expectedTokensSchema = z.number().int().nullish();

const chunkJsonSchema = z.union([
  // Some old clients leave the type out.
  z.object({ type: z.literal("encoded_text").nullish(), tokens: tokensSchema }),
  z.object({ type: z.literal("image"), data: z.string(), format: formatSchema, expected_tokens: expectedTokensSchema }),
  z.object({
    type: z.literal("image_asset_pointer"),
    location: z.string(),
    format: formatSchema,
    expected_tokens: expectedTokensSchema,
  }),
  z.object({ type: z.literal("dmel"), dmel: z.string() }),
]);

export const modelInputJsonSchema = z.object({ chunks: z.array(chunkJsonSchema) });

export type ModelInputJson = z.infer<typeof modelInputJsonSchema>;

type ChunkJson = ModelInputJson["chunks"][number];

export function modelInputToJson({ chunks }: ModelInput): ModelInputJson {
  return { chunks: chunks.map(chunkToJson) };
}

function chunkToJson(chunk: Chunk): ChunkJson {
  switch (chunk.type) {
    case "encoded_text":
      return { tokens: [...chunk.tokens], type: chunk.type };
    case "dmel":
      return { dmel: base64Encode(chunk.dmel), type: chunk.type };
    case "image": {
      const { type, data, format, expectedTokens } = chunk;
      return { data: base64Encode(data), format, ...expected(expectedTokens), type };
    }
    default: {
      const { type, location, format, expectedTokens } = chunk;
      return { location, format, ...expected(expectedTokens), type };
    }
  }
}

function expected(tokens: number | undefined): { expected_tokens?: number } {
  return tokens === undefined ? {} : { expected_tokens: tokens };
}

/** @throws WireFormatError naming `where`. */
export function modelInputFromJson({ chunks }: ModelInputJson, where: string): ModelInput {
  return { chunks: chunks.map((chunk, index) => chunkFromJson(chunk, `${where}.chunks[${index}]`)) };
}

function chunkFromJson(chunk: ChunkJson, where: string): Chunk {
  switch (chunk.type) {
    case "dmel":
      return { type: chunk.type, dmel: bytesOf(chunk.dmel, where) };
    case "image": {
      const { type, data, format, expected_tokens: expectedTokens } = chunk;
      return { type, data: bytesOf(data, where), format, expectedTokens: expectedTokens ?? undefined };
    }
    case "image_asset_pointer": {
      const { type, location, format, expected_tokens: expectedTokens } = chunk;
      return { type, location, format, expectedTokens: expectedTokens ?? undefined };
    }
    default:
      return { type: "encoded_text", tokens: int32(chunk.tokens, where) };
  }
}

function int32(values: readonly number[], where: string): Int32Array {
  const wrong = values.findIndex((value) => value !== (value | 0));
  if (wrong >= 0) throw new WireFormatError(`${where}.tokens[${wrong}]: ${values[wrong]} is not a token id`);
  return Int32Array.from(values);
}

function bytesOf(base64: string, where: string): Uint8Array {
  try {
    return base64Decode(base64);
  } catch {
    throw new WireFormatError(`${where}: the bytes are not base64`);
  }
}
