import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { minimumDetectableEffect, minimumDetectableEffectUnpaired } from "./minimum-detectable-effect.js";

// By hand from Connor's formula: discordance 0.3 and a difference of 0.1 need
// (1.959964·√0.3 + 0.841621·√0.29)² / 0.01 = 233.08 pairs.
test("paired: 233 pairs are just too few for 0.1, 234 enough", () => {
  expect(minimumDetectableEffect({ n: 233, discordance: 0.3 })).toBeGreaterThan(0.1);
  expect(minimumDetectableEffect({ n: 234, discordance: 0.3 })).toBeLessThan(0.1);
  expect(minimumDetectableEffect({ n: 233, discordance: 0.3 })).toBeCloseTo(0.1, 4);
});

test("paired: satisfies the formula at other levels, and grows with power", () => {
  const effect = minimumDetectableEffect({ n: 500, discordance: 0.2, alpha: 0.01, power: 0.9 })!;
  const needed = (2.5758293035489004 * Math.sqrt(0.2) + 1.2815515655446004 * Math.sqrt(0.2 - effect ** 2)) / effect;
  expect(needed ** 2).toBeCloseTo(500, 8);
  expect(minimumDetectableEffect({ n: 500, discordance: 0.2, power: 0.99 })).toBeGreaterThan(
    minimumDetectableEffect({ n: 500, discordance: 0.2, power: 0.5 })!,
  );
});

test("paired: null where even the largest effect would be missed", () => {
  expect(minimumDetectableEffect({ n: 20, discordance: 0.1 })).toBeNull();
  expect(minimumDetectableEffect({ n: 1, discordance: 1 })).toBeNull();
});

// The textbook pair 0.5 and 0.6 needs 387.4 in each sample, without continuity correction.
test("unpaired: 387 in each sample are just too few for 0.5 and 0.6, 388 enough", () => {
  expect(minimumDetectableEffectUnpaired({ n1: 387, n2: 387, baseline: 0.5 }).increase).toBeGreaterThan(0.1);
  const { increase, decrease } = minimumDetectableEffectUnpaired({ n1: 388, n2: 388, baseline: 0.5 });
  expect(increase).toBeLessThan(0.1);
  expect(decrease).toBeCloseTo(increase!, 12);
});

test("unpaired: from a rate near 1 only a decrease can be detected", () => {
  const { increase, decrease } = minimumDetectableEffectUnpaired({ n1: 50, n2: 50, baseline: 0.97 });
  expect(increase).toBeNull();
  expect(decrease).toBeGreaterThan(0.1);
});

test("values out of range are refused by name", () => {
  expect(() => minimumDetectableEffect({ n: 10, discordance: 0 })).toThrow(
    new UsageError("discordance must be above 0 and at most 1, not 0"),
  );
  expect(() => minimumDetectableEffect({ n: 10, discordance: 0.5, power: 0.01 })).toThrow(
    new UsageError("power must be above alpha = 0.05, not 0.01"),
  );
  expect(() => minimumDetectableEffectUnpaired({ n1: 0, n2: 1, baseline: 0.5 })).toThrow(UsageError);
});
