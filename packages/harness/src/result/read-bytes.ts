import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { OutputError } from "../errors.js";

const CHUNK_BYTES = 1 << 20;
/** Answers shrink 3 to 10 times; gzip can make a thousand bytes of one. */
const MAX_RATIO = 100;
/** A short file may be all repetition. */
const MIN_LIMIT_BYTES = 64 * 2 ** 20;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * The bytes of a file in chunks; of a gzip file, whatever its name, the bytes within.
 *
 * @throws OutputError when it cannot be read or unpacked, or unpacks to more than 64 MiB and a hundred times its size.
 */
export async function* readBytes(path: string): AsyncGenerator<Buffer> {
  try {
    const isGzip = (await firstBytes(path, GZIP_MAGIC.length)).equals(GZIP_MAGIC);
    const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    const gunzip = isGzip ? createGunzip({ chunkSize: CHUNK_BYTES }) : undefined;
    // An error of either stream reaches the reader of the second.
    const bytes = gunzip ? pipeline(file, gunzip, () => undefined) : file;
    let length = 0;
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (gunzip && length > Math.max(MIN_LIMIT_BYTES, MAX_RATIO * gunzip.bytesWritten)) {
        throw new Error(`it unpacks to more than ${MAX_RATIO} times its size; unpack it yourself if that is meant`);
      }
      yield chunk;
    }
  } catch (error) {
    throw new OutputError(path, "cannot read the file", error);
  }
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
