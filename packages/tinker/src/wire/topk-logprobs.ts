import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { pack, unpackFloat32, unpackInt32 } from "./packed.js";
import { type TopkLogprobs as TopkLogprobsMessage, TopkLogprobsSchema } from "./tinker_public_pb.js";
import { WireFormatError } from "./wire-format-error.js";

/** The logprob of a cell that holds no token. */
export const EMPTY_CELL_LOGPROB = -99_999;

/** The likeliest tokens at each of `length` positions: two matrices, row-major. A position without any has the logprob −99999 in its first cell. */
export interface TopkLogprobs {
  readonly length: number;
  readonly k: number;
  /** `[length · k]` */
  readonly tokenIds: Int32Array;
  /** `[length · k]`, natural logarithms. */
  readonly logprobs: Float32Array;
}

export function encodeTopk({ length, k, tokenIds, logprobs }: TopkLogprobs): TopkLogprobsMessage {
  return create(TopkLogprobsSchema, { length, k, tokenIds: pack(tokenIds), logprobs: pack(logprobs) });
}

/** `undefined` where there is nothing. @throws WireFormatError when the sizes contradict each other. */
export function decodeTopk(message: TopkLogprobsMessage | undefined, where: string): TopkLogprobs | undefined {
  if (!message || message.length === 0 || message.k === 0) return undefined;
  const { length, k } = message;
  const tokenIds = unpackInt32(message.tokenIds, where);
  const logprobs = unpackFloat32(message.logprobs, where);
  if (tokenIds.length !== length * k || logprobs.length !== length * k) {
    throw new WireFormatError(`${where}: ${tokenIds.length} ids and ${logprobs.length} logprobs for ${length} × ${k}`);
  }
  return { length, k, tokenIds, logprobs };
}

/** `null` for a position without any, else its `[token id, logprob]`, likeliest first. */
export const topkJsonSchema = z.array(z.array(z.tuple([z.number().int(), z.number()])).nullable());

type TopkJson = z.infer<typeof topkJsonSchema>;

export function topkToJson(topk: TopkLogprobs): TopkJson {
  return Array.from({ length: topk.length }, (_, row) => topkRow(topk, row));
}

/** The tokens at one position, likeliest first; `null` where none were computed. */
export function topkRow({ k, tokenIds, logprobs }: TopkLogprobs, position: number): [number, number][] | null {
  const start = position * k;
  const cells: [number, number][] = [];
  for (let i = start; i < start + k; i++) {
    if (logprobs[i] !== EMPTY_CELL_LOGPROB) cells.push([tokenIds[i]!, logprobs[i]!]);
  }
  return cells.length > 0 ? cells : null;
}

export function topkFromJson(rows: TopkJson): TopkLogprobs {
  const k = Math.max(1, ...rows.map((row) => row?.length ?? 0));
  const tokenIds = new Int32Array(rows.length * k);
  const logprobs = new Float32Array(rows.length * k).fill(EMPTY_CELL_LOGPROB);
  for (const [position, row] of rows.entries()) {
    for (const [rank, [id, logprob]] of (row ?? []).entries()) {
      tokenIds[position * k + rank] = id;
      logprobs[position * k + rank] = logprob;
    }
  }
  return { length: rows.length, k, tokenIds, logprobs };
}
