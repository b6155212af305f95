import { createHash } from "node:crypto";

/**
 * The seed of one draw, from the run's seed and the draw's place: the same whatever else the process has drawn before.
 *
 * @param parts - Such as step, group and sample.
 * @returns A whole number in [0, 2³¹).
 */
export function drawSeed(seed: number, ...parts: readonly (number | string)[]): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...parts]))
    .digest();
  return digest.readUInt32BE() >>> 1;
}
