import { createHash } from "node:crypto";

/**
 * The seed of one draw, in [0, 2³¹): the first 31 bits of the sha256 of run seed, row id and sample.
 * It depends on nothing else, so a row draws the same whatever rows are asked with it, in whatever order.
 *
 * @param numDrawn - Completions that the row has got before: one that is asked again would otherwise draw the same.
 */
export function drawSeed(seed: number, id: string, sample: number, numDrawn = 0): number {
  return (
    createHash("sha256")
      .update(JSON.stringify([seed, id, sample, ...(numDrawn === 0 ? [] : [numDrawn])]))
      .digest()
      .readUInt32BE(0) >>> 1
  );
}
