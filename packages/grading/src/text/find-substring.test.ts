import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findSubstring } from "./find-substring.js";

function startsOf(text: string, pattern: string): number[] {
  const starts: number[] = [];
  findSubstring(text, pattern, (start) => {
    starts.push(start);
    return false;
  });
  return starts;
}

// Two letters only, so that long patterns occur, overlap and nearly occur.
const letters = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom("a", "b"), minLength, maxLength });

test("finds every occurrence, overlapping ones included, whatever the pattern's length", () => {
  const period = letters(1, 4).chain((unit) => fc.tuple(fc.constant(unit), fc.nat(60)));
  fc.assert(
    fc.property(letters(0, 80), period, letters(0, 3), (before, [unit, times], after) => {
      const text = before + unit.repeat(times + 20) + after;
      const pattern = unit.repeat(times + 1);
      const expected = Array.from({ length: text.length }, (_, start) => start).filter((start) =>
        text.startsWith(pattern, start),
      );
      expect(startsOf(text, pattern)).toEqual(expected);
    }),
  );
});

test("an empty pattern occurs everywhere", () => {
  expect(startsOf("ab", "")).toEqual([0, 1, 2]);
});

test.each(["\ud835", "\udc00", "\udc00x"])("half of a surrogate pair does not occur in it: %j", (pattern) => {
  expect(findSubstring("\ud835\udc00x", pattern)).toBe(false);
});

test("a pattern of many equal characters is searched for in linear time", () => {
  // Compared at every start, this would be 2.5e11 steps.
  expect(startsOf("a".repeat(1e6), `b${"a".repeat(5e5)}`)).toEqual([]);
  expect(startsOf("a".repeat(1e6), "a".repeat(5e5))).toHaveLength(500_001);
});
