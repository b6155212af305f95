import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { benjaminiHochberg } from "./benjamini-hochberg.js";
import { holm } from "./holm.js";

// By hand from the definitions.
test.each([
  { p: [0.01, 0.02, 0.03, 0.04, 0.05], byHolm: [0.05, 0.08, 0.09, 0.09, 0.09], byBh: [0.05, 0.05, 0.05, 0.05, 0.05] },
  { p: [0.03, 0.001, 0.02], byHolm: [0.04, 0.003, 0.04], byBh: [0.03, 0.003, 0.03] },
  { p: [0.6, 0.7], byHolm: [1, 1], byBh: [0.7, 0.7] },
  { p: [0.2], byHolm: [0.2], byBh: [0.2] },
  { p: [0, 0, 1], byHolm: [0, 0, 1], byBh: [0, 0, 1] },
  { p: [], byHolm: [], byBh: [] },
])("$p", ({ p, byHolm, byBh }) => {
  expect(holm(p)).toEqual(byHolm.map((value) => expect.closeTo(value, 14)));
  expect(benjaminiHochberg(p)).toEqual(byBh.map((value) => expect.closeTo(value, 14)));
});

test("what is no probability is refused by place", () => {
  expect(() => holm([0.1, Number.NaN])).toThrow(new UsageError("pValues[1] must lie between 0 and 1, not NaN"));
  expect(() => benjaminiHochberg([1.1])).toThrow(new UsageError("pValues[0] must lie between 0 and 1, not 1.1"));
});
