import { Random } from "@pka/core";
import { expect, test } from "vitest";
import { drawToken } from "./draw-token.js";

/** ln of 0.5, 0.3, 0.15, 0.05, shifted as raw logits are. */
const LOGITS = Float32Array.from([0.15, 0.5, 0.05, 0.3], (p) => Math.log(p) + 7);

function shares(temperature: number, topP: number, draws = 40_000): number[] {
  const random = new Random(1);
  const counts = [0, 0, 0, 0];
  for (let count = 0; count < draws; count += 1)
    counts[drawToken(LOGITS, { temperature, topP }, () => random.next())]! += 1;
  return counts.map((count) => count / draws);
}

function expectShares(actual: readonly number[], expected: readonly number[]): void {
  // 5 standard errors of a share of 40,000 draws are at most 0.0125.
  for (const [id, share] of expected.entries()) expect(Math.abs(actual[id]! - share)).toBeLessThan(0.0125);
}

test("temperature 0 takes the most likely token, the first of equal ones", () => {
  expect(drawToken(LOGITS, { temperature: 0, topP: 1 }, () => 0.999)).toBe(1);
  expect(drawToken(Float32Array.of(1, 3, 3), { temperature: 0, topP: 1 }, () => 0.999)).toBe(1);
});

test("temperature 1 and top-p 1 draw from the softmax", () => {
  expectShares(shares(1, 1), [0.15, 0.5, 0.05, 0.3]);
});

test("temperature 0.5 squares the probabilities", () => {
  // 0.0225, 0.25, 0.0025, 0.09 over their sum 0.365
  expectShares(shares(0.5, 1), [0.0616, 0.6849, 0.0068, 0.2466]);
});

test.each([
  { topP: 0.5, kept: [0, 1, 0, 0] }, // the first token alone reaches it
  { topP: 0.51, kept: [0, 0.625, 0, 0.375] },
  { topP: 0.9, kept: [0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95] },
  { topP: 0.01, kept: [0, 1, 0, 0] },
])("top-p $topP keeps the smallest set that reaches it", ({ topP, kept }) => {
  const actual = shares(1, topP);
  expectShares(actual, kept);
  for (const [id, share] of kept.entries()) if (share === 0) expect(actual[id]).toBe(0);
});

test("tokens ruled out by minus infinity are never drawn", () => {
  const logits = Float32Array.of(-Infinity, 0, Number.NaN);
  expect(drawToken(logits, { temperature: 0, topP: 1 }, Math.random)).toBe(1);
  expect(() => drawToken(Float32Array.of(Number.NaN, -Infinity), { temperature: 1, topP: 1 }, Math.random)).toThrow(
    "no finite logit",
  );
});

function draw(seed: number): string {
  const random = new Random(seed);
  return Array.from({ length: 50 }, () => drawToken(LOGITS, { temperature: 1, topP: 1 }, () => random.next())).join("");
}

test("the same seed draws the same tokens, another seed others", () => {
  expect(draw(5)).toBe(draw(5));
  expect(draw(5)).not.toBe(draw(6));
  expect(draw(2 ** 40)).not.toBe(draw(0)); // not only the low 32 bits count
});
