import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { type FailOnError, failsOnError } from "./fail-on-error.js";

// Of 20 rows: does the run fail with 0, 1, 2, 4, 5, 6 and 20 of them in error?
const ERRORS = [0, 1, 2, 4, 5, 6, 20];

test.each<[FailOnError, string]>([
  [true, ".xxxxxx"],
  [false, "......."],
  [0.1, "..xxxxx"],
  [0.25, "....xxx"],
  [1, ".xxxxxx"],
  [5, "....xxx"],
])("with failOnError %s a run of 20 rows fails: %s", (limit, expected) => {
  const verdicts = ERRORS.map((errors) => (failsOnError(limit, { errors, total: 20 }) ? "x" : "."));
  expect(verdicts.join("")).toBe(expected);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %s", (limit) => {
  expect(() => failsOnError(limit, { errors: 0, total: 1 })).toThrow(UsageError);
});
