import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { supervisedDatum } from "./supervised-datum.js";

const example = { tokens: [10, 11, 12, 13, 14], weights: [0, 0, 1, 1, 1] };

test("every token is the target of those before it", () => {
  expect(supervisedDatum(example)).toEqual({
    tokens: [10, 11, 12, 13],
    targetTokens: [11, 12, 13, 14],
    weights: Float32Array.of(0, 1, 1, 1),
  });
});

test("a length limit keeps the left part, before the shift", () => {
  expect(supervisedDatum(example, { maxLength: 3 })).toEqual({
    tokens: [10, 11],
    targetTokens: [11, 12],
    weights: Float32Array.of(0, 1),
  });
});

test("mean reduction makes the weights sum to 1; nothing to train on stays nothing", () => {
  expect(supervisedDatum({ tokens: [1, 2, 3, 4, 5], weights: [0, 1, 1, 1, 1] }, { reduction: "mean" }).weights).toEqual(
    Float32Array.of(0.25, 0.25, 0.25, 0.25),
  );
  expect(supervisedDatum({ tokens: [1, 2], weights: [0, 0] }, { reduction: "mean" }).weights).toEqual(
    Float32Array.of(0),
  );
});

test.each([
  { name: "one token", tokens: [1], weights: [1], options: {} },
  { name: "no token", tokens: [], weights: [], options: {} },
  { name: "a limit of one", ...example, options: { maxLength: 1 } },
  { name: "a limit that is no number", ...example, options: { maxLength: Number.NaN } },
])("$name is refused", ({ options, ...few }) => {
  expect(() => supervisedDatum(few, options)).toThrow(UsageError);
});
