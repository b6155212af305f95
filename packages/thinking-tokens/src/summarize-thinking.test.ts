import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { lengthContrast, withinQuestionContrast } from "./length-contrast.js";
import { lengthDistribution } from "./length-distribution.js";
import { summarizeThinking } from "./summarize-thinking.js";
import type { ThinkingSample } from "./thinking-sample.js";

/** 120 lengths from 10 to 110; `numQuestions` questions in turn. */
function samplesOf(numQuestions: number): ThinkingSample[] {
  return Array.from({ length: 120 }, (_, i) => ({
    state: "closed",
    length: 10 + ((i * 37) % 101),
    isRight: (i * 53) % 97 < 50,
    question: i % numQuestions,
  }));
}
const sample = (
  length: number,
  isRight: boolean | null = null,
  more: Partial<ThinkingSample> = {},
): ThinkingSample => ({
  state: "closed",
  length,
  isRight,
  question: length,
  ...more,
});

// Expected figures: numpy 2 on the same samples.
test("a distribution has numpy's quantiles", () => {
  const { histogram, ...figures } = lengthDistribution(samplesOf(120));
  const expected = {
    mean: 59.358333333333334,
    standardDeviation: 29.275508401338872,
    min: 10,
    p5: 13.95,
    p25: 33.75,
    median: 59.5,
    p75: 84.25,
    p95: 104.05,
    max: 110,
  };
  for (const [name, value] of Object.entries(expected)) expect(figures).toHaveProperty(name, expect.closeTo(value, 10));
  expect(histogram.map(({ from, to, count }) => [from, to, count])).toEqual([
    [8, 16, 8],
    [16, 32, 19],
    [32, 64, 38],
    [64, 128, 55],
  ]);
  expect(histogram.reduce((sum, { numRight }) => sum + numRight, 0)).toBe(63);
  expect(histogram.reduce((sum, { numWrong }) => sum + numWrong, 0)).toBe(57);
});

test("bins double from 1, with a bin of their own for empty thoughts", () => {
  const { histogram, standardDeviation } = lengthDistribution(
    [0, 1, 2, 3, 4, 8, 2 ** 20].map((length) => sample(length)),
  );
  expect(histogram.filter(({ count }) => count > 0).map(({ from, to, count }) => [from, to, count])).toEqual([
    [0, 1, 1],
    [1, 2, 1],
    [2, 4, 2],
    [4, 8, 1],
    [8, 16, 1],
    [2 ** 20, 2 ** 21, 1],
  ]);
  expect(histogram).toHaveLength(22);
  expect(standardDeviation).toBeGreaterThan(0);
  expect(lengthDistribution([sample(5)])).toMatchObject({ mean: 5, standardDeviation: 0, min: 5, max: 5 });
});

test("right against wrong: means, medians and a bootstrap over samples", () => {
  const contrast = lengthContrast(samplesOf(120), { resamples: 20_000 })!;
  expect(contrast).toMatchObject({ numRight: 63, numWrong: 57, medianRight: 57, medianWrong: 61, confidence: 0.95 });
  expect(contrast.meanRight).toBeCloseTo(56.6031746031746, 10);
  expect(contrast.meanWrong).toBeCloseTo(62.40350877192982, 10);
  expect(contrast.difference).toBeCloseTo(-5.800334168755221, 10);
  // numpy, 20 seeds of 20,000 resamples: -16.18 ± 0.10 and 4.61 ± 0.12.
  expect(Math.abs(contrast.lower - -16.18240968)).toBeLessThan(5 * 0.098);
  expect(Math.abs(contrast.upper - 4.60585341)).toBeLessThan(5 * 0.123);
});

test("right against wrong: the bootstrap draws whole questions", () => {
  const { lower, upper } = lengthContrast(samplesOf(30), { resamples: 20_000 })!;
  // numpy, 20 seeds of 20,000 resamples: -12.69 ± 0.07 and 1.00 ± 0.06.
  expect(Math.abs(lower - -12.69126153)).toBeLessThan(5 * 0.071);
  expect(Math.abs(upper - 0.99588247)).toBeLessThan(5 * 0.06);
});

test("a seed repeats an interval, another one draws anew", () => {
  const samples = samplesOf(120);
  expect(lengthContrast(samples, { seed: 1 })).toEqual(lengthContrast(samples, { seed: 1 }));
  expect(lengthContrast(samples, { seed: 1 })).not.toEqual(lengthContrast(samples, { seed: 2 }));
});

test("within a question: the mean difference over questions", () => {
  const contrast = withinQuestionContrast(samplesOf(30))!;
  expect(contrast.numQuestions).toBe(30);
  expect(contrast.difference).toBeCloseTo(-1.0888888888888877, 10);
  expect(contrast.lower).toBeCloseTo(-3.261122783956838, 10);
  expect(contrast.upper).toBeCloseTo(1.0833450061790626, 10);
});

test("harder questions can make right answers shorter although thinking longer helps", () => {
  const easy = Array.from({ length: 20 }, (_, i) => [
    sample(10 + (i % 3), true, { question: `easy ${i}` }),
    sample(8 + (i % 2), i % 4 > 0, { question: `easy ${i}` }),
  ]).flat();
  const hard = Array.from({ length: 20 }, (_, i) => [
    sample(100 + (i % 5), i % 4 === 0, { question: `hard ${i}` }),
    sample(80 + (i % 3), false, { question: `hard ${i}` }),
  ]).flat();
  const samples = [...easy, ...hard];
  expect(lengthContrast(samples)!.upper).toBeLessThan(0);
  expect(withinQuestionContrast(samples)!.lower).toBeGreaterThan(0);
});

test("no contrast without two questions on either side; no verdict is on neither", () => {
  expect(lengthContrast([sample(1, true), sample(2, true), sample(3, false)])).toBeNull();
  expect(lengthContrast([sample(1, true), sample(2, true), sample(3, false), sample(4)])).toBeNull();
  expect(lengthContrast([sample(1, true), sample(2, true), sample(3, false), sample(4, false)])).not.toBeNull();
  expect(withinQuestionContrast(samplesOf(120))).toBeNull();
});

test("thinking that never ended is counted, and kept apart where it would decide", () => {
  const ended = [sample(1, true), sample(2, true), sample(3, false), sample(5, false)];
  const cut = [sample(100, false, { state: "unclosed" }), sample(101, false, { state: "unclosed" })];
  const none = [sample(0, true, { state: "none" }), sample(0, null, { state: "none" })];
  const summary = summarizeThinking([...ended, ...cut, ...none]);
  expect(summary.states).toEqual({ closed: 4, unclosed: 2, none: 2 });
  expect(summary.numUnjudged).toBe(1);
  expect(summary.unclosed!.share).toBeCloseTo(1 / 3, 15);
  // Wilson's formula for 2 in 6, computed apart.
  expect(summary.unclosed!.lower).toBeCloseTo(0.0967714, 6);
  expect(summary.unclosed!.upper).toBeCloseTo(0.7000067, 6);
  expect(summary.lengths).toMatchObject({ min: 1, max: 101 });
  expect(summary.contrast).toMatchObject({ meanWrong: 209 / 4, meanRight: 1.5 });
  expect(summary.contrastOfClosed).toMatchObject({ meanWrong: 4, meanRight: 1.5, difference: -2.5 });
});

test("nothing gives nothing", () => {
  const nothing = { unclosed: null, lengths: null, contrast: null, contrastOfClosed: null, withinQuestion: null };
  expect(summarizeThinking([])).toMatchObject({ states: { closed: 0, unclosed: 0, none: 0 }, ...nothing });
  expect(summarizeThinking([sample(0, true, { state: "none" })])).toMatchObject(nothing);
});

test.each([{ confidence: 95 }, { confidence: 0 }, { resamples: 0 }, { resamples: 1.5 }])("%j is refused", (options) => {
  expect(() => lengthContrast(samplesOf(120), options)).toThrow(UsageError);
});
