import { expect, test } from "vitest";
import { poolSeeds } from "./pool-seeds.js";
import type { SeedResult } from "./seed-result.js";

/** A seed with this gain. */
function seedWith(difference: number, isSignificant = difference > 0.1): SeedResult {
  const gain = { name: "rlGain", first: "rlThinking", second: "sftThinking" } as const;
  const contrasts = [{ ...gain, difference, interval: null, pValue: null, isSignificant }];
  return { seed: 0, outputDir: "", report: "", conditions: [], contrasts };
}
const seeds = (...gains: number[]) => gains.map((gain) => seedWith(gain));

test("mean, range and an exact sign-flip test over seeds: all of three positive, p = 2 / 2^3", () => {
  const { mean, min, max, pValue, significant } = poolSeeds(seeds(0.25, 0.5, 0.75));
  expect({ mean, min, max, significant }).toEqual({ mean: 0.5, min: 0.25, max: 0.75, significant: 3 });
  // Fractions are drawn by Monte Carlo, 10,000 times: standard error 0.004.
  expect(pValue).toBeCloseTo(0.25, 1);
});

test.each([
  { name: "nine of ten", gains: [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.01], isReproduced: true },
  { name: "eight of ten", gains: [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.05, 0.01], isReproduced: false },
  { name: "none of nine: too few to say", gains: [0, 0, 0, 0, 0, 0, 0, 0, 0], isReproduced: null },
])("$name significant -> $isReproduced", ({ gains, isReproduced }) => {
  expect(poolSeeds(seeds(...gains)).isReproduced).toBe(isReproduced);
});

test("a significant loss is no gain, and one seed alone is not tested", () => {
  expect(poolSeeds([seedWith(-0.3, true)])).toMatchObject({ significant: 0, pValue: null });
});
