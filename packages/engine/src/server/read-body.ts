import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { errorCode } from "@pka/core";
import { Decompress } from "fzstd";
import type { Context } from "hono";
import { ApiError } from "./api-error.js";

export interface BodyLimits {
  /** Most bytes of a body as sent. */
  readonly maxBodyBytes: number;
  /** Most bytes after decompression. */
  readonly maxDecompressedBytes: number;
}

/**
 * A request's body, decompressed.
 * @throws ApiError 413 above a limit, before more than the limit is held · 415 for an unknown encoding · 400 for damaged data.
 */
export async function readBody(c: Context, limits: BodyLimits): Promise<Uint8Array> {
  const { maxBodyBytes, maxDecompressedBytes } = limits;
  const tooLarge = (): ApiError =>
    new ApiError(413, `the body is larger than ${maxBodyBytes} bytes: send less at once`);
  if (Number(c.req.header("content-length") ?? 0) > maxBodyBytes) throw tooLarge();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of c.req.raw.body ?? []) {
    length += part.length;
    if (length > maxBodyBytes) throw tooLarge();
    parts.push(part);
  }
  return decompress(Buffer.concat(parts), c.req.header("content-encoding") ?? "identity", maxDecompressedBytes);
}

const ZLIB = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

async function decompress(body: Uint8Array, encoding: string, maxBytes: number): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === "identity" || name === "") return body;
  try {
    if (name === "zstd") return unzstd(body, maxBytes);
    if (name === "gzip" || name === "deflate" || name === "br") {
      return await ZLIB[name](body, { maxOutputLength: maxBytes });
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (errorCode(error) === "ERR_BUFFER_TOO_LARGE") throw tooLong(maxBytes);
    throw new ApiError(400, `the body is not ${name}`);
  }
  throw new ApiError(415, `content-encoding ${name} is not known: use zstd, gzip, deflate or br`);
}

/** Chunk by chunk: a small body can expand ten thousand times. */
function unzstd(body: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  let isComplete = false;
  const stream = new Decompress((part, isLast) => {
    length += part.length;
    if (length > maxBytes) throw tooLong(maxBytes);
    parts.push(part.slice());
    isComplete ||= isLast === true;
  });
  const step = 65_536;
  for (let start = 0; start < body.length; start += step) {
    stream.push(body.subarray(start, start + step), start + step >= body.length);
  }
  if (!isComplete) throw new Error("truncated");
  return Buffer.concat(parts);
}

function tooLong(maxBytes: number): ApiError {
  return new ApiError(413, `the body is larger than ${maxBytes} bytes when decompressed: send less at once`);
}
