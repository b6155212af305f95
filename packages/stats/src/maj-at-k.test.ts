import { UsageError } from "@pka/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type AnswerVotes, majAtK } from "./maj-at-k.js";
import { passAtK } from "./pass-at-k.js";

const VOTES = fc.array(fc.record({ count: fc.integer({ min: 1, max: 4 }), correct: fc.boolean() }), {
  minLength: 1,
  maxLength: 4,
});

/** The definition: every subset of k samples, its vote, ties shared. */
function byEnumeration(votes: readonly AnswerVotes[], k: number, abstentions: number): number {
  const samples = [
    ...votes.flatMap(({ count }, answer) => Array<number>(count).fill(answer)),
    ...Array<number>(abstentions).fill(-1),
  ];
  let [subsets, wins] = [0, 0];
  for (let mask = 0; mask < 2 ** samples.length; mask++) {
    const chosen = samples.filter((_, place) => (mask >> place) & 1);
    if (chosen.length !== k) continue;
    subsets++;
    const counts = votes.map((_, answer) => chosen.filter((one) => one === answer).length);
    const top = Math.max(...counts);
    const winners = votes.filter((_, answer) => top > 0 && counts[answer] === top);
    if (winners.length > 0) wins += winners.filter(({ correct }) => correct).length / winners.length;
  }
  return wins / subsets;
}

test("is the share of all subsets of k whose majority is correct", () => {
  fc.assert(
    fc.property(VOTES, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 2 }), (votes, wanted, abstentions) => {
      const samples = votes.reduce((sum, { count }) => sum + count, abstentions);
      fc.pre(samples <= 12);
      const k = Math.min(wanted, samples);
      expect(majAtK(votes, k, { abstentions })).toBeCloseTo(byEnumeration(votes, k, abstentions), 11);
    }),
    { seed: 7, numRuns: 150 },
  );
});

test("the example: of 10 subsets of 3, those with two or three of the three correct ones win", () => {
  const votes = [
    { count: 3, correct: true },
    { count: 2, correct: false },
  ];
  expect(majAtK(votes, 3)).toBeCloseTo(0.7, 14);
});

test("maj@1 is the rate of correct samples, also with many of them", () => {
  const votes = [
    { count: 400, correct: true },
    { count: 500, correct: false },
  ];
  expect(majAtK(votes, 1)).toBeCloseTo(4 / 9, 12);
  expect(majAtK(votes, 1, { abstentions: 100 })).toBeCloseTo(0.4, 12);
});

test("nobody votes: not correct", () => {
  expect(majAtK([], 2, { abstentions: 4 })).toBe(0);
});

test("pass@k is the share of subsets of k with a correct sample", () => {
  expect(passAtK(10, 3, 5)).toBeCloseTo(1 - 21 / 252, 14);
  expect(passAtK(4, 0, 4)).toBe(0);
  expect(passAtK(4, 2, 3)).toBe(1);
  expect(passAtK(200, 1, 100)).toBeCloseTo(0.5, 14);
});

test("what cannot be is refused", () => {
  expect(() => passAtK(3, 4, 1)).toThrow(new UsageError("correct must be at most samples = 3, not 4"));
  expect(() => passAtK(3, 1, 4)).toThrow(new UsageError("k must be at most samples = 3, not 4"));
  expect(() => majAtK([{ count: 2, correct: true }], 3)).toThrow(
    new UsageError("k must be at most the 2 samples there are, not 3"),
  );
  expect(() => majAtK([{ count: 0, correct: true }], 1)).toThrow(UsageError);
});
