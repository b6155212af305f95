import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixASlashB } from "./fix-a-slash-b.js";
import { fixFracs } from "./fix-fracs.js";
import { fixSqrt } from "./fix-sqrt.js";
import { isEquiv } from "./is-equiv.js";
import { lastBoxedOnlyString } from "./last-boxed-only-string.js";
import { removeBoxed } from "./remove-boxed.js";
import { removeRightUnits } from "./remove-right-units.js";
import { stripString } from "./strip-string.js";

const fail = null; // where the Python function raises

describe.each([
  {
    fn: lastBoxedOnlyString,
    cases: [
      ["a \\boxed{1} b \\boxed{\\frac{1}{2}} c", "\\boxed{\\frac{1}{2}}"],
      ["$\\boxed 7$ or \\boxed{8}", "\\boxed 7"],
      ["\\fbox{3}", "\\fbox{3}"],
      ["\\boxed{1", null],
      ["no box", null],
    ],
  },
  {
    fn: removeBoxed,
    cases: [
      ["\\boxed{1}", "1"],
      ["\\boxed 7", "7"],
      ["\\fbox{3}", fail],
      ["\\boxed{1", fail],
    ],
  },
  {
    fn: fixFracs,
    cases: [
      ["\\frac12 + \\frac3{4}", "\\frac{1}{2} + \\frac{3}{4}"],
      ["\\frac{1}{2}", "\\frac{1}{2}"],
      ["\\frac12\\frac3", "\\frac12\\frac3"],
      ["\\frac\u{1d400}2", "\\frac{\u{1d400}}{2}"],
      ["x\\frac", fail],
    ],
  },
  {
    fn: fixSqrt,
    cases: [
      ["2\\sqrt3", "2\\sqrt{3}"],
      ["\\sqrt{3}", "\\sqrt{3}"],
      ["\\sqrt", fail],
    ],
  },
  {
    fn: removeRightUnits,
    cases: [
      ["5\\text{ cm}", "5"],
      ["5\\text{cm}", "5\\text{cm}"],
      ["6\\text{ feet }4\\text{ inches}", fail],
    ],
  },
  {
    fn: fixASlashB,
    cases: [
      ["-3/4", "\\frac{-3}{4}"],
      ["0/10", "\\frac{0}{10}"],
      ["+3/4", "+3/4"],
      ["1_0/2", "1_0/2"],
      ["\u0663/4", "\u0663/4"],
      ["03/4", "03/4"],
      ["1/2/3", "1/2/3"],
      ["x/y", fail],
      ["1__0/2", fail],
      ["1\x1f/2", fail],
      ["/2", fail],
      [`${"9".repeat(4300)}/1`, `\\frac{${"9".repeat(4300)}}{1}`],
      [`${"9".repeat(4301)}/1`, fail],
    ],
  },
  {
    fn: stripString,
    cases: [
      ["\\dfrac12", "\\frac{1}{2}"],
      ["x = .5", "\\frac{1}{2}"],
      ["\\left( 90^\\circ \\right)", "(90)"],
      ["50\\%", "50"],
      ["ab=5", "5"],
      ["abc=5", "abc=5"],
      ["", ""],
      ["x/y", fail],
    ],
  },
])("$fn.name", ({ fn, cases }) => {
  test.each(cases)("%j -> %j", (input, expected) => {
    expect(fn(input!)).toBe(expected);
  });
});

describe("isEquiv", () => {
  test.each([
    ["0.5", "\\frac{1}{2}", true],
    ["5\\text{ cm}", "5", true],
    ["x/y", "x/y", true],
    ["x/y", "x /y", false],
    ["1", "2", false],
    [null, null, true],
    [null, "1", false],
    ["1", null, false],
  ])("%j and %j: %j", (a, b, expected) => {
    expect(isEquiv(a, b)).toBe(expected);
  });

  test("is reflexive and symmetric on any text", () => {
    const piece = fc.oneof(fc.constantFrom("\\frac", "\\sqrt", "\\text{ ", "{", "}", "/", "=", "1", ".5"), fc.string());
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(isEquiv(a, a)).toBe(true);
        expect(isEquiv(a, b)).toBe(isEquiv(b, a));
      }),
    );
  });
});
