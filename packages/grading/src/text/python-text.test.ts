import { HAS_SHARED, readShared, SKIPPED } from "@pka/fault-kit/shared-data";
import { describe, expect, test } from "vitest";
import { afterThinking, findAnswerTags } from "./answer-tags.js";
import { strip, WHITE_SPACE } from "./white-space.js";
import { hasWordCharacter, isWordBoundary } from "./word-boundary.js";

test.each([
  { name: "ASCII spaces", text: " \t\r\n x y \n", expected: "x y" },
  { name: "separators that trim() keeps", text: "\x1c\x85x\x1f", expected: "x" },
  { name: "a byte-order mark, which trim() drops", text: "\ufeffx\ufeff", expected: "\ufeffx\ufeff" },
  { name: "a zero-width space", text: "\u200bx", expected: "\u200bx" },
  { name: "nothing but space", text: "\u3000 \u2028", expected: "" },
])("strip: $name", ({ text, expected }) => {
  expect(strip(text)).toBe(expected);
});

test.each([
  { name: "between an accented letter and the end", text: "Zola é", index: 6, expected: true },
  { name: "between two accented letters", text: "éé", index: 1, expected: false },
  { name: "before a combining accent", text: "e\u0301", index: 1, expected: true },
  { name: "at the start, before a symbol", text: "£100", index: 0, expected: false },
  { name: "after a letter outside the BMP", text: "\u{1d400} ", index: 2, expected: true },
  { name: "in an empty text", text: "", index: 0, expected: false },
])("word boundary: $name -> $expected", ({ text, index, expected }) => {
  expect(isWordBoundary(text, index)).toBe(expected);
});

describe.skipIf(!HAS_SHARED)(`Python's tables${SKIPPED}`, () => {
  interface Tables {
    readonly word_ranges: readonly (readonly [number, number])[];
    readonly whitespace: readonly number[];
    readonly ignorecase_tag_letters: Readonly<Record<string, readonly number[]>>;
    readonly lower: readonly (readonly [number, readonly number[]])[];
  }
  const readTables = (): Tables => JSON.parse(readShared("vectors/python-unicode.json").toString());

  test("white space is the same", () => {
    const codes = Array.from(WHITE_SPACE, (character) => character.charCodeAt(0));
    expect(codes).toEqual(readTables().whitespace);
  });

  test("every word character of Python is one here", () => {
    const unknown: string[] = [];
    for (const [first, last] of readTables().word_ranges) {
      for (let code = first; code <= last; code++) {
        if (!hasWordCharacter(String.fromCodePoint(code))) unknown.push(`U+${code.toString(16)}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  test("lower case is the same", () => {
    for (const [code, lower] of readTables().lower) {
      expect(String.fromCodePoint(code).toLowerCase()).toBe(String.fromCodePoint(...lower));
    }
  });

  test("each letter of a tag stands for the same characters", () => {
    const tables = readTables().ignorecase_tag_letters;
    for (const [letter, codes] of Object.entries(tables)) {
      for (const code of codes) {
        const swap = (tag: string): string => tag.replace(letter, String.fromCodePoint(code));
        const answer = `${swap("<answer>")}x${swap("</answer>")}`;
        expect(findAnswerTags(answer, 0)?.content, answer).toBe("x");
        expect(afterThinking(`x${swap("</think>")}y`)).toBe("y");
      }
    }
  });
});
