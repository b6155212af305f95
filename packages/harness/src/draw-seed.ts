import { drawSeed as seedOf } from "@pka/core/node";

/**
 * The seed of one draw, from run seed, row id and sample alone: a row draws the same whatever rows are asked with it, in whatever order.
 *
 * @param numDrawn - Completions that the row has got before: one that is asked again would otherwise draw the same.
 */
export function drawSeed(seed: number, id: string, sample: number, numDrawn = 0): number {
  return seedOf(seed, id, sample, ...(numDrawn === 0 ? [] : [numDrawn]));
}
