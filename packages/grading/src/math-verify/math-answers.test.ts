import { HAS_SHARED, SKIPPED } from "@pka/fault-kit/shared-data";
import { beforeAll, describe, expect, test } from "vitest";
import { DIFFERENT_REWRITINGS } from "./__fixtures__/different-rewritings.js";
import { EQUIVALENT_REWRITINGS, type Rewriting } from "./__fixtures__/equivalent-rewritings.js";
import { mathAnswers } from "./__fixtures__/math-answers.js";
import { Random } from "@pka/core";
import { rewrite } from "./__fixtures__/rewrite.js";
import { verifyMath } from "./verify-math.js";

describe.skipIf(!HAS_SHARED)(`the 5,000 answers of MATH${SKIPPED}`, () => {
  let answers: readonly string[] = [];
  beforeAll(async () => {
    answers = await mathAnswers();
  });

  /** One rewriting of each answer: what became of it. */
  function rewriteAll(rewritings: Readonly<Record<string, Rewriting>>) {
    const random = new Random(20_260);
    return answers.flatMap((gold) => {
      const found = rewrite(gold, rewritings, random);
      return found === undefined ? [] : [{ ...found, gold, ...verifyMath(found.rewritten, gold) }];
    });
  }

  test("all are at hand, and are what they are", () => {
    expect(answers).toHaveLength(5000);
    expect(answers.filter((answer) => verifyMath(` ${answer} `, answer).verdict !== "equivalent")).toEqual([]);
  });

  test("written in another way they are recognised, 97 % and more", () => {
    const rows = rewriteAll(EQUIVALENT_REWRITINGS);
    expect(rows).toHaveLength(5000);
    expect(new Set(rows.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(40);
    const missed = rows.filter(({ verdict }) => verdict !== "equivalent");
    expect(missed.length, JSON.stringify(missed.slice(0, 20))).toBeLessThanOrEqual(150);
    expect(missed.filter(({ verdict }) => verdict === "different")).toEqual([]);
  });

  test("no wrong answer passes", () => {
    const rows = rewriteAll(DIFFERENT_REWRITINGS);
    expect(rows.length).toBeGreaterThan(4900);
    expect(new Set(rows.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(20);
    expect(rows.filter(({ verdict }) => verdict === "equivalent")).toEqual([]);
  });

  test("every kind of rewriting, on every answer of a small part of them", () => {
    const random = new Random(1);
    const wrong: unknown[] = [];
    for (const gold of answers.filter((_, index) => index % 10 === 0)) {
      for (const [isRight, rewritings] of [
        [true, EQUIVALENT_REWRITINGS],
        [false, DIFFERENT_REWRITINGS],
      ] as const) {
        for (const [kind, rewriting] of Object.entries(rewritings)) {
          const rewritten = rewriting(gold, random);
          if (rewritten === undefined || rewritten.trim() === gold.trim()) continue;
          const { verdict } = verifyMath(rewritten, gold);
          if ((verdict === "equivalent") !== isRight) wrong.push({ kind, rewritten, gold, verdict });
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
