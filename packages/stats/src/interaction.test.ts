import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { interaction } from "./interaction.js";

// By hand: mean 0.5 with variance 1/3, and mean 0 with variance 2/3; so 0.5 with standard error √(1/12 + 2/12) = 0.5.
const first = { differences: [1, 0, 1, 0] };
const second = { differences: [0, 0, 1, -1] };

test("independent: standard errors add in squares", () => {
  const { interaction: estimate, standardError, lower, upper, pValue } = interaction(first, second);
  expect(estimate).toBe(0.5);
  expect(standardError).toBeCloseTo(0.5, 14);
  expect(lower).toBeCloseTo(0.5 - 1.959963984540054 / 2, 14);
  expect(upper).toBeCloseTo(0.5 + 1.959963984540054 / 2, 14);
  expect(pValue).toBeCloseTo(0.31731050786291415, 13);
});

test("paired: the differences of the differences, here 1, 0, 0, 1", () => {
  const { interaction: estimate, standardError } = interaction(first, second, { paired: true });
  expect(estimate).toBe(0.5);
  expect(standardError).toBeCloseTo(Math.sqrt(1 / 12), 14);
});

test("repeating every row of a question leaves the estimate, and with clusters almost the standard error", () => {
  const twice = (values: readonly number[]): number[] => [...values, ...values];
  const clusters = twice([0, 1, 2, 3]);
  const repeated = interaction(
    { differences: twice(first.differences) },
    { differences: twice(second.differences), clusters },
    { paired: true },
  );
  expect(repeated.interaction).toBe(0.5);
  expect(repeated.standardError).toBeCloseTo(Math.sqrt(1 / 12), 14);
});

test("nothing varies: no p-value", () => {
  const constant = { differences: [1, 1] };
  expect(interaction(constant, { differences: [0, 0] })).toMatchObject({
    interaction: 1,
    standardError: 0,
    pValue: null,
  });
});

test("paired effects on different questions, and single pairs, are refused", () => {
  expect(() => interaction(first, { differences: [1, 0] }, { paired: true })).toThrow(
    new UsageError("paired effects need the same questions: 4 and 2 differences"),
  );
  expect(() => interaction(first, { differences: [1] })).toThrow(UsageError);
  const clustered = { ...first, clusters: [1, 1, 2, 2] };
  expect(() => interaction(clustered, { ...second, clusters: [1, 2, 2, 2] }, { paired: true })).toThrow(
    new UsageError("paired effects need the same clusters in the same order, or clusters in one of them only"),
  );
});
