import { expect, test } from "vitest";
import { binomialLaw, binomialPmf, fairLowerTail } from "./binomial.js";
import { chiSquaredTail, normalTail } from "./normal-tail.js";
import { quantile } from "./quantile.js";

// 60-digit arithmetic (mpmath), rounded to doubles.
test.each([
  [-8, 0.9999999999999993],
  [-1, 0.8413447460685429],
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [1, 0.15865525393145705],
  [1.9, 0.028716559816001807],
  [2.5, 0.006209665325776135],
  [2.8284, 0.0023390656954665975],
  [2.83, 0.002327400206731554],
  [5, 2.866515718791939e-7],
  [8, 6.220960574271784e-16],
  [20, 2.7536241186062337e-89],
  [37, 5.725571222524577e-300],
])("normalTail(%d) is %d to a relative 2e-13", (z, expected) => {
  expect(Math.abs(normalTail(z) / expected - 1)).toBeLessThan(2e-13);
});

test("the tail of χ² is the two tails of its root", () => {
  expect(chiSquaredTail(0)).toBe(1);
  expect(chiSquaredTail(3.841458820694124)).toBeCloseTo(0.05, 15);
  expect(chiSquaredTail(400) / (2 * 2.7536241186062337e-89)).toBeCloseTo(1, 12);
});

test.each([
  [0, 10, 0.3, 0.0282475249],
  [3, 10, 0.5, 0.1171875],
  [10, 10, 0.9, 0.3486784401],
  [500, 1000, 0.5, 0.0252250181783608],
  [100, 1000, 0.5, 5.958935980362645e-162],
  [4300, 11313, 0.4, 6.429965515174754e-7],
  [1, 100000, 1e-5, 0.3678812805793781],
  [3000000, 6001000, 0.5, 0.0002996698565185197],
])("P(Binomial(·) = %d of %d at %d) is %d to a relative 1e-12", (k, n, p, expected) => {
  expect(Math.abs(binomialPmf(k, n, p) / expected - 1)).toBeLessThan(1e-12);
});

test("impossible and certain counts", () => {
  expect([binomialPmf(-1, 3, 0.5), binomialPmf(4, 3, 0.5)]).toEqual([0, 0]);
  expect([binomialPmf(0, 3, 0), binomialPmf(1, 3, 0), binomialPmf(3, 3, 1), binomialPmf(2, 3, 1)]).toEqual([
    1, 0, 1, 0,
  ]);
});

test("half of a fair law with an even number of outcomes lies below the middle", () => {
  expect(fairLowerTail(50, 101)).toBeCloseTo(0.5, 13);
  expect(fairLowerTail(1_000_000, 2_000_001)).toBeCloseTo(0.5, 11);
});

test.each([[7, 0.3], [1000, 0.01], [20_000, 0.999], [5, 1], [5, 0]])("the law of Binomial(%d, %d) adds up to 1", (n, p) => {
  const { from, probabilities } = binomialLaw(n, p, 1e-21);
  expect(probabilities.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 12);
  const mean = probabilities.reduce((sum, probability, i) => sum + probability * (from + i), 0);
  expect(mean / (n * p || 1)).toBeCloseTo(p === 0 ? 0 : 1, 12);
}); // prettier-ignore

// numpy.quantile([1, 2, 4, 8], …)
test.each([[0, 1], [0.1, 1.3], [0.5, 3], [0.9, 6.8], [1, 8]])("quantile %d of 1, 2, 4, 8 is %d", (probability, expected) => {
  expect(quantile([1, 2, 4, 8], probability)).toBeCloseTo(expected, 14);
}); // prettier-ignore
