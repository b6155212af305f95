import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { mcnemar } from "./mcnemar.js";
import { pairedTable } from "./paired-table.js";

// Exact: sums of binomial coefficients over 2^n, by hand.
test.each([
  { b: 3, c: 10, p: (2 * (1 + 13 + 78 + 286)) / 2 ** 13 },
  { b: 0, c: 5, p: 2 / 2 ** 5 },
  { b: 1, c: 6, p: (2 * (1 + 7)) / 2 ** 7 },
  { b: 12, c: 12, p: 1 },
])("$b against $c: exact, p = $p, the same either way round", ({ b, c, p }) => {
  const expected = { method: "exact", discordant: b + c, statistic: null, pValue: expect.closeTo(p, 14) };
  expect(mcnemar({ firstOnly: b, secondOnly: c })).toEqual(expected);
  expect(mcnemar({ firstOnly: c, secondOnly: b })).toEqual(expected);
});

// Fagerland, Lydersen & Laake (2013), table 1: 1 against 7 of 21 children.
test("the published example of mid-p: 0.039, exact 0.070", () => {
  const table = { firstOnly: 1, secondOnly: 7 };
  expect(mcnemar(table, { method: "mid-p" }).pValue).toBeCloseTo(0.0390625, 14);
  expect(mcnemar(table, { method: "exact" }).pValue).toBeCloseTo(0.0703125, 14);
});

test("mid-p where both are equal is 1 minus half the point probability", () => {
  expect(mcnemar({ firstOnly: 2, secondOnly: 2 }, { method: "mid-p" }).pValue).toBeCloseTo(1 - 6 / 16 / 2, 14);
});

test("the test changes at 25 discordant pairs", () => {
  expect(mcnemar({ firstOnly: 12, secondOnly: 12 }).method).toBe("exact");
  expect(mcnemar({ firstOnly: 13, secondOnly: 12 })).toMatchObject({ method: "chi-squared", statistic: 0 });
});

test("chi-squared keeps its correction where both are equal: 1/(b + c), not 0", () => {
  expect(mcnemar({ firstOnly: 20, secondOnly: 20 }).statistic).toBe(1 / 40);
});

test("no discordant pair: no test, whatever was asked for", () => {
  for (const method of ["auto", "exact", "chi-squared", "mid-p"] as const) {
    expect(mcnemar({ firstOnly: 0, secondOnly: 0 }, { method })).toEqual({
      method: "none",
      discordant: 0,
      statistic: null,
      pValue: null,
    });
  }
});

test("counts are refused by name", () => {
  expect(() => mcnemar({ firstOnly: 1.5, secondOnly: 1 })).toThrow(
    new UsageError("firstOnly must be a whole number of at least 0, not 1.5"),
  );
  expect(() => mcnemar({ firstOnly: 1, secondOnly: -1 })).toThrow(UsageError);
  expect(() => mcnemar({ firstOnly: 1, secondOnly: 1 }, { method: "midp" as "mid-p" })).toThrow(
    new UsageError('method must be one of auto, exact, chi-squared, mid-p, not "midp"'),
  );
});

test("pairedTable counts verdicts pair by pair", () => {
  const [yes, no] = [true, false];
  expect(pairedTable([yes, yes, no, no, yes], [yes, no, yes, no, no])).toEqual({
    both: 1,
    firstOnly: 2,
    secondOnly: 1,
    neither: 1,
  });
  expect(() => pairedTable([yes], [])).toThrow(
    new UsageError("first and second must be as long as each other, not 1 and 0"),
  );
});
