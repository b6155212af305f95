import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** Weights hardly shrink at all; gzip can make a thousand bytes of one. */
const MAX_RATIO = 100;
/** A small archive may be all configuration files. */
const MIN_LIMIT_BYTES = 64 * 2 ** 20;

/**
 * The bytes of a tar file that may be compressed with gzip.
 * @throws Error when it unpacks to more than a hundred times its size, or is compressed twice.
 */
export async function* plainTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let numPacked = 0;
  let numPlain = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const part of archive) {
      numPacked += part.length;
      yield part;
    }
  };
  const [isPacked, whole] = await sniff(counted());
  if (!isPacked) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip();
  const feeding = pipeline(whole, gunzip);
  // Its failure is that of reading from it.
  feeding.catch(() => {});
  const [isPackedAgain, plain] = await sniff(gunzip as AsyncIterable<Uint8Array>);
  if (isPackedAgain) throw new Error("it is compressed twice");
  for await (const part of plain) {
    numPlain += part.length;
    if (numPlain > Math.max(MIN_LIMIT_BYTES, MAX_RATIO * numPacked))
      throw new Error(`it unpacks to more than ${MAX_RATIO} times its size`);
    yield part;
  }
  await feeding;
}

/** Does it begin as gzip does? With all the bytes again. */
async function sniff(parts: AsyncIterable<Uint8Array>): Promise<readonly [boolean, AsyncGenerator<Uint8Array>]> {
  const iterator = parts[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await iterator.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return [head[0] === 0x1f && head[1] === 0x8b, rest()];
}
