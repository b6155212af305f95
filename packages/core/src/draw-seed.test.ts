import { expect, test } from "vitest";
import { drawSeed } from "./draw-seed.js";

test("seeds depend on every part and stay below 2^31", () => {
  const seeds = [drawSeed(0, 1, 2), drawSeed(0, 12), drawSeed(1, 1, 2), drawSeed(0, 2, 1), drawSeed(0, "1", 2)];
  expect(new Set(seeds).size).toBe(seeds.length);
  for (const seed of seeds) expect(seed).toBeLessThan(2 ** 31);
  expect(drawSeed(0, 1, 2)).toBe(seeds[0]);
});
