import { createHash } from "node:crypto";

/**
 * The seed of one draw, in [0, 2³¹): the first 31 bits of the sha256 of run seed, row id and sample.
 * It depends on nothing else, so a row draws the same whatever rows are asked with it, in whatever order.
 */
export function drawSeed(seed: number, id: string, sample: number): number {
  return (
    createHash("sha256")
      .update(JSON.stringify([seed, id, sample]))
      .digest()
      .readUInt32BE(0) >>> 1
  );
}
