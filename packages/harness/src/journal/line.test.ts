import { expect, test } from "vitest";
import { decodeLine, encodeLine } from "./line.js";

const HOSTILE = {
  nul: "a\0b",
  surrogates: "\ud800 \udfff 😀",
  separators: "\u2028\u2029\u0085\r\n",
  text: "x".repeat(1 << 20),
  ["__proto__"]: { polluted: true },
  crc: "overwritten",
};

test("a line reads back as what was written, hostile strings included", () => {
  const { crc: _, ...expected } = HOSTILE;
  const line = encodeLine({ ...expected });
  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(decodeLine(line.subarray(0, -1))).toMatchObject(expected);
});

test("every flipped bit of a line is noticed", () => {
  const line = encodeLine({ id: "nq/1", text: "naïve 😀" }).subarray(0, -1);
  expect(decodeLine(line)).toMatchObject({ id: "nq/1" });
  for (let at = 0; at < line.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(line);
      damaged[at]! ^= 1 << bit;
      expect(decodeLine(damaged)).toBeUndefined();
    }
  }
});

test("bytes that were never a line are no line", () => {
  for (const text of ["", "{}", "x".repeat(100), '{"a":1,"crc":"00000000"}', '"crc":"00000000"}', "\0".repeat(64)]) {
    expect(decodeLine(Buffer.from(text))).toBeUndefined();
  }
});
