import { UsageError } from "@pka/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wilsonInterval } from "./wilson-interval.js";

// The first four are the examples of Newcombe (1998), table I, method 3, who gives four digits;
// all digits by statsmodels' proportion_confint(method="wilson").
test.each([
  { successes: 81, n: 263, confidence: 0.95, lower: 0.2552885198782742, upper: 0.36620957698280004 },
  { successes: 15, n: 148, confidence: 0.95, lower: 0.06238639953073628, upper: 0.16048724172330803 },
  { successes: 0, n: 20, confidence: 0.95, lower: 0, upper: 0.1611251580528194 },
  { successes: 1, n: 29, confidence: 0.95, lower: 0.006113214292762667, upper: 0.17175521879320294 },
  { successes: 20, n: 20, confidence: 0.95, lower: 0.8388748419471804, upper: 1 },
  { successes: 2103, n: 3610, confidence: 0.95, lower: 0.5663824677792525, upper: 0.5985389895650587 },
  { successes: 7, n: 24, confidence: 0.99, lower: 0.12049909323399316, upper: 0.553075780210605 },
  { successes: 50, n: 100, confidence: 0.9, lower: 0.4188477961125295, upper: 0.5811522038874706 },
  { successes: 1, n: 10_000_000, confidence: 0.95, lower: 1.7652455711617434e-8, upper: 5.664932019606464e-7 },
  { successes: 1, n: 2, confidence: 0.5, lower: 0.2847588845819623, upper: 0.7152411154180377 },
])("$successes of $n at $confidence", ({ successes, n, confidence, lower, upper }) => {
  const interval = wilsonInterval(successes, n, confidence);
  expect(interval.lower).toBeCloseTo(lower, 14);
  expect(interval.upper).toBeCloseTo(upper, 14);
});

test("95 % is the default", () => {
  expect(wilsonInterval(7, 24)).toEqual(wilsonInterval(7, 24, 0.95));
});

test("no success gives a lower bound of exactly 0, no failure an upper bound of exactly 1", () => {
  expect(wilsonInterval(0, 3610).lower).toBe(0);
  expect(wilsonInterval(3610, 3610).upper).toBe(1);
});

test("the interval holds the proportion, lies in [0, 1], mirrors for failures and widens with confidence", () => {
  const counts = fc
    .integer({ min: 1, max: 1e9 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
  const level = fc.double({ min: 0.5, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(counts, level, ([successes, n], confidence) => {
      const { lower, upper } = wilsonInterval(successes, n, confidence);
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(lower).toBeLessThanOrEqual(successes / n);
      expect(upper).toBeGreaterThanOrEqual(successes / n);
      expect(upper).toBeLessThanOrEqual(1);
      expect(wilsonInterval(n - successes, n, confidence).lower).toBeCloseTo(1 - upper, 14);
      expect(wilsonInterval(successes, n, 0.9999).upper).toBeGreaterThanOrEqual(upper);
    }),
    { seed: 1 },
  );
});

test.each([
  { successes: 1, n: 0, confidence: 0.95, message: "n must be a whole number of at least 1, not 0" },
  { successes: 1, n: 2.5, confidence: 0.95, message: "n must be a whole number of at least 1, not 2.5" },
  { successes: -1, n: 5, confidence: 0.95, message: "successes must be a whole number from 0 to n = 5, not -1" },
  { successes: 6, n: 5, confidence: 0.95, message: "successes must be a whole number from 0 to n = 5, not 6" },
  {
    successes: Number.NaN,
    n: 5,
    confidence: 0.95,
    message: "successes must be a whole number from 0 to n = 5, not NaN",
  },
  { successes: 1, n: 5, confidence: 95, message: "confidence must lie between 0 and 1, both excluded, not 95" },
])("$successes of $n at $confidence is refused", ({ successes, n, confidence, message }) => {
  expect(() => wilsonInterval(successes, n, confidence)).toThrow(new UsageError(message));
});
