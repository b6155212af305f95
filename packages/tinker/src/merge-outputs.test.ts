import { expect, test } from "vitest";
import { mergeOutputs } from "./merge-outputs.js";

const logprobs = { dtype: "float32" as const, data: Float32Array.of(-1), shape: [1] };
const output = (numDatums: number, metrics: Record<string, number>) => ({
  lossFnOutputType: "ArrayRecord",
  lossFnOutputs: Array.from({ length: numDatums }, () => ({ logprobs })),
  metrics,
});

test("metrics merge by the part behind the colon, means weighted by datums", () => {
  const first = { "a:sum": 1, "b:mean": 1, "c:min": 3, "d:max": 3, "e:slack": 1, "f:unique": 5, "g:hash2": 7, h: 9 };
  const second = { "a:sum": 2, "b:mean": 4, "c:min": 1, "d:max": 8, "e:slack": 4, "f:unique": 6, "g:hash2": 8, h: 10 };
  const merged = mergeOutputs([output(2, first), output(1, second)]);
  expect(merged.lossFnOutputs).toHaveLength(3);
  // Worked by hand: mean (2·1 + 1·4)/3 = 2; slack 4 − 2.
  expect(merged.metrics).toEqual({
    "a:sum": 3,
    "b:mean": 2,
    "c:min": 1,
    "d:max": 8,
    "e:slack": 2,
    "f:unique": 5,
    "f:unique_1": 6,
    "g:hash2": 15,
    h: 9,
  });
});

test("a metric that a chunk lacks, or whose reduction is not known, is left out", () => {
  const merged = mergeOutputs([output(1, { "a:sum": 1, "b:other": 1 }), output(1, { "b:other": 1 })]);
  expect(merged.metrics).toEqual({});
});
