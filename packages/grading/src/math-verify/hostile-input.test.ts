import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EXPENSIVE, fuzz, REPEATED } from "./__fixtures__/fuzz.js";
import { Random } from "@pka/core";
import { verifyMath } from "./verify-math.js";

test("any text has a verdict, the same in both directions", () => {
  const random = new Random(7);
  let previous = "1";
  for (let round = 0; round < 4000; round++) {
    const answer = fuzz(random);
    const other = random.integer(2) === 0 ? previous : `${answer}+0`;
    const { verdict } = verifyMath(answer, other);
    expect(["equivalent", "different", "undecided"]).toContain(verdict);
    expect(verifyMath(other, answer).verdict, JSON.stringify([answer, other])).toBe(verdict);
    previous = answer;
  }
});

test("nothing throws on text of any characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      verifyMath(a, b);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

// None of them has a value that could be computed in the step budget.
test.each(EXPENSIVE)("%j is not equal to 7, and is itself", (answer) => {
  expect(verifyMath(answer, "7").verdict).not.toBe("equivalent");
  expect(verifyMath(answer, answer).verdict).toBe("equivalent");
  verifyMath(answer, `${answer}+1`);
  verifyMath(`(${answer})`, `x ${answer}`);
});

// A step that takes quadratic time needs 1e10 operations here and runs into the test's time limit.
test.each(REPEATED)("100 kB of %j are read or refused", (unit) => {
  for (const length of [1900, 1e5]) {
    const text = unit.repeat(Math.floor(length / unit.length));
    verifyMath(text, "7");
    verifyMath(text, `${text}1`);
    expect(verifyMath(text, text).verdict).toBe(text.trim() === "" ? "undecided" : "equivalent");
  }
});
