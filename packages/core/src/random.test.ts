import { expect, test } from "vitest";
import { Random } from "./random.js";

test("the same seed and stream give the same numbers, others do not", () => {
  const draw = (seed: number, stream?: number | string): number[] => {
    const random = new Random(seed, stream);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  const drawn = [
    draw(0),
    draw(1),
    draw(-1),
    draw(2 ** 32),
    draw(2 ** 32 + 1),
    draw(0, 1),
    draw(0, 2),
    draw(0, "a"),
    draw(0, "b"),
  ];
  expect(draw(0)).toEqual(drawn[0]);
  expect(new Set(drawn.map((numbers) => numbers.join())).size).toBe(drawn.length);
});

test("uniform, normal and shuffled draws have the moments they should", () => {
  const random = new Random(3);
  const count = 20_000;
  const mean = (draw: () => number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += draw();
    return sum / count;
  };
  // Six standard errors.
  expect(Math.abs(mean(() => random.next()) - 0.5)).toBeLessThan(6 * Math.sqrt(1 / 12 / count));
  expect(Math.abs(mean(() => random.normal()))).toBeLessThan(6 / Math.sqrt(count));
  expect(Math.abs(mean(() => random.normal() ** 2) - 1)).toBeLessThan(6 * Math.sqrt(2 / count));
  expect(Math.abs(mean(() => random.shuffle([0, 1, 2, 3])[0]!) - 1.5)).toBeLessThan(6 * Math.sqrt(1.25 / count));
});
