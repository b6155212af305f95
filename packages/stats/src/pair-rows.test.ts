import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { pairRows } from "./pair-rows.js";

const rows = (...questions: readonly string[]): { question: string; row: number }[] =>
  questions.map((question, row) => ({ question, row }));
const key = ({ question }: { question: string }): string => question;
const indices = (pairs: readonly { firstIndex: number; secondIndex: number }[]): number[][] =>
  pairs.map(({ firstIndex, secondIndex }) => [firstIndex, secondIndex]);

test("the k-th row of a question meets its k-th row in the other list, whatever the order", () => {
  const { pairs, unmatched } = pairRows(rows("a", "b", "a"), rows("a", "a", "b"), { key });
  expect(indices(pairs)).toEqual([[0, 0], [1, 2], [2, 1]]); // prettier-ignore
  expect(unmatched).toEqual({ first: [], second: [] });
});

test("pairs hold the rows, their places and the key", () => {
  const [first, second] = [rows("a"), rows("x", "a")];
  const { pairs } = pairRows(first, second, { key });
  expect(pairs).toEqual([{ key: "a", first: first[0], second: second[1], firstIndex: 0, secondIndex: 1 }]);
});

test("every pairing is one to one by default, and not in legacy mode", () => {
  const [first, second] = [rows("a", "a", "a", "b"), rows("a", "b", "a", "c")];
  const byOccurrence = pairRows(first, second, { key });
  expect(indices(byOccurrence.pairs)).toEqual([[0, 0], [1, 2], [3, 1]]); // prettier-ignore
  expect(byOccurrence.unmatched).toEqual({ first: [2], second: [3] });
  const legacy = pairRows(first, second, { key, by: "legacy" });
  expect(indices(legacy.pairs)).toEqual([[0, 2], [1, 2], [2, 2], [3, 1]]); // prettier-ignore
  expect(legacy.unmatched).toEqual({ first: [], second: [0, 3] });
});

test("duplicates of both lists are reported with their rows", () => {
  const { duplicates } = pairRows(rows("a", "b", "a"), rows("b", "b", "c", "b"), { key });
  expect(duplicates).toEqual({
    first: [{ key: "a", indices: [0, 2] }],
    second: [{ key: "b", indices: [0, 1, 3] }],
  });
});

test("an empty key pairs like any other, but in legacy mode never", () => {
  const [first, second] = [rows("", "a"), rows("", "a")];
  expect(indices(pairRows(first, second, { key }).pairs)).toEqual([[0, 0], [1, 1]]); // prettier-ignore
  const legacy = pairRows(first, second, { key, by: "legacy" });
  expect(indices(legacy.pairs)).toEqual([[1, 1]]);
  expect(legacy.unmatched).toEqual({ first: [0], second: [0] });
});

test("by index: the rest is unmatched, and rows about different questions are reported", () => {
  const { pairs, unmatched, mismatched, duplicates } = pairRows(rows("a", "b", "b"), rows("a", "c"), {
    by: "index",
    key,
  });
  expect(indices(pairs)).toEqual([[0, 0], [1, 1]]); // prettier-ignore
  expect(unmatched).toEqual({ first: [2], second: [] });
  expect(mismatched).toEqual([1]);
  expect(duplicates.first).toEqual([{ key: "b", indices: [1, 2] }]);
});

test("by index without a key: no key in the pairs, nothing known about duplicates", () => {
  const pairing = pairRows([true, false], [false, false], { by: "index" });
  expect(pairing.pairs[1]).toEqual({ first: false, second: false, firstIndex: 1, secondIndex: 1 });
  expect(pairing).toMatchObject({ mismatched: [], duplicates: { first: [], second: [] } });
});

test("the number 1 and the text 1 are different keys", () => {
  const { pairs } = pairRows([1, "1"], ["1", 1], { key: (row) => row });
  expect(indices(pairs)).toEqual([[0, 1], [1, 0]]); // prettier-ignore
});

test("a row without a key is refused with its list and place", () => {
  const second = [...rows("a"), { question: undefined as unknown as string, row: 1 }];
  expect(() => pairRows(rows("a"), second, { key })).toThrow(
    new UsageError("row 1 of the second list has no key: it must be a text or a number, not undefined"),
  );
});
