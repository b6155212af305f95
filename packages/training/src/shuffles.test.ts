import { createHash } from "node:crypto";
import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { numpyPermutation } from "./numpy-permutation.js";
import { pythonShuffle } from "./python-shuffle.js";

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const numbers = (text: string): number[] => text.split(" ").map(Number);

/** First 16 hex digits of the sha256 over little-endian int64: how the expected orders of long lists were recorded. */
function hash16(values: ArrayLike<number>): string {
  return createHash("sha256")
    .update(new BigInt64Array(Array.from(values, BigInt)))
    .digest("hex")
    .slice(0, 16);
}

// Recorded from numpy 1.24 and 2.4 and from CPython 3.11.
test.each([
  { seed: 0, n: 10, expected: "4 6 2 7 3 5 9 0 8 1" },
  { seed: 6, n: 10, expected: "2 6 3 9 0 5 4 8 7 1" },
  { seed: 42, n: 8, expected: "3 4 2 7 6 1 5 0" },
  { seed: 2 ** 40 + 5, n: 8, expected: "1 2 5 7 0 4 6 3" },
])("numpy's permutation of $n rows with seed $seed", ({ seed, n, expected }) => {
  expect([...numpyPermutation(n, seed)]).toEqual(numbers(expected));
});

test.each([
  { seed: 0, start: "120189 123562 125790 49230 83574", hash: "256a8f6d6a931136" },
  { seed: 6, start: "74909 51514 20533 26222 75928", hash: "69044aab52613851" },
  { seed: 7, start: "101632 55124 82267 39568 97826", hash: "6c21ecfe72b96ce5" },
])("numpy's permutation of TriviaQA's 138,384 training rows with seed $seed", ({ seed, start, hash }) => {
  const order = numpyPermutation(138_384, seed);
  expect(Array.from(order.subarray(0, 5))).toEqual(numbers(start));
  expect(hash16(order)).toBe(hash);
});

test.each([
  { seed: 0, n: 10, expected: "7 8 1 5 3 4 2 0 9 6" },
  { seed: 6, n: 10, expected: "5 8 3 4 0 2 6 7 1 9" },
  { seed: 7, n: 10, expected: "8 3 1 4 7 0 9 6 2 5" },
  { seed: 3, n: 8, expected: "0 5 7 2 1 6 4 3" },
  { seed: -3, n: 8, expected: "0 5 7 2 1 6 4 3" },
  { seed: 2 ** 40 + 5, n: 8, expected: "1 2 3 6 7 0 5 4" },
])("Python's shuffle of $n items with seed $seed", ({ seed, n, expected }) => {
  expect(pythonShuffle(range(n), seed)).toEqual(numbers(expected));
});

test("Python's shuffle of a long list", () => {
  const shuffled = pythonShuffle(range(50_000), 6);
  expect(shuffled.slice(0, 5)).toEqual(numbers("45219 13397 14510 26120 18483"));
  expect(hash16(shuffled)).toBe("2ed73be0bda91eb5");
});

test("nothing and one item stay; seeds that Python or numpy refuse are refused", () => {
  expect(numpyPermutation(0, 1)).toHaveLength(0);
  expect([...numpyPermutation(1, 1)]).toEqual([0]);
  expect(pythonShuffle([], 1)).toEqual([]);
  expect(() => numpyPermutation(3, -1)).toThrow(UsageError);
  expect(() => numpyPermutation(3, 0.5)).toThrow(UsageError);
  expect(() => pythonShuffle([1], 0.5)).toThrow(UsageError);
});
