import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { clusterWilsonInterval } from "./cluster-wilson-interval.js";
import { wilsonInterval } from "./wilson-interval.js";

const own = (n: number): number[] => Array.from({ length: n }, (_, row) => row);
const rightOf = (right: number, n: number): boolean[] => own(n).map((row) => row < right);

// With a row per cluster the standard error has n − 1 where Wilson's has n: p(1 − p)/se² is n − 1.
test("one row per cluster: Wilson's interval, of one row less", () => {
  const result = clusterWilsonInterval(rightOf(80, 201), own(201));
  expect(result).toMatchObject({ rate: 80 / 201, clusters: 201, confidence: 0.95 });
  expect(result.effectiveRows).toBeCloseTo(200, 9);
  expect(result.lower).toBeCloseTo(wilsonInterval(80, 201).lower, 3);
  expect(result.upper).toBeCloseTo(wilsonInterval(80, 201).upper, 3);
});

test("asking every question four times, always with the same answer, gives no narrower interval", () => {
  const once = clusterWilsonInterval(rightOf(30, 50), own(50));
  const rows = Array.from({ length: 4 }, () => rightOf(30, 50)).flat();
  const four = clusterWilsonInterval(rows, Array.from({ length: 4 }, () => own(50)).flat());
  expect(four.effectiveRows).toBeCloseTo(once.effectiveRows, 9);
  expect(four.lower).toBeCloseTo(once.lower, 12);
  expect(four.upper).toBeCloseTo(once.upper, 12);
});

// Shares 1, 1/2, 1/2, 0 of two rows each: p = 1/2, squares (2−1)² + 0 + 0 + (0−1)² = 2, se² = 4/3 · 2 / 64 = 1/24, n* = (1/4) · 24.
test("effective rows, by hand", () => {
  const clusters = ["a", "a", "b", "b", "c", "c", "d", "d"];
  const result = clusterWilsonInterval([true, true, true, false, false, true, false, false], clusters);
  expect(result.effectiveRows).toBeCloseTo(6, 12);
  expect(result.lower).toBeCloseTo(wilsonInterval(3, 6).lower, 12);
  expect(result.upper).toBeCloseTo(wilsonInterval(3, 6).upper, 12);
});

test("never more than all rows; and the clusters where every row is right or wrong", () => {
  const alternating = own(40).map((row) => row % 2 === 0);
  const pairs = own(40).map((row) => row >> 1);
  expect(clusterWilsonInterval(alternating, pairs).effectiveRows).toBe(40);
  const { lower, upper } = clusterWilsonInterval(rightOf(40, 40), pairs);
  expect({ lower, upper }).toEqual(wilsonInterval(20, 20));
});

test("bad arguments are named", () => {
  expect(() => clusterWilsonInterval([true], ["a"])).toThrow(UsageError);
  expect(() => clusterWilsonInterval([true, false], ["a"])).toThrow(/clusters/);
  expect(() => clusterWilsonInterval([true, false], ["a", "b"], 1)).toThrow(/confidence/);
});
