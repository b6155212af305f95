import { expect, test } from "vitest";
import { normalQuantile } from "./normal-quantile.js";

// sqrt(2)·erfinv(2p − 1) in 50-digit arithmetic (mpmath), rounded to doubles; the last two by scipy.special.ndtri.
test.each([
  [0.5, 0],
  [0.4, -0.2533471031357998],
  [0.075, -1.439531470938456],
  [0.05, -1.6448536269514726],
  [0.025, -1.9599639845400543],
  [0.005, -2.575829303548901],
  [0.0005, -3.290526731491895],
  [1e-5, -4.264890793922825],
  [1e-10, -6.361340902404057],
  [1e-20, -9.262340089798407],
  [0.9, 1.2815515655446004],
  [0.975, 1.9599639845400543],
  [1e-100, -21.273453560965322],
  [1e-300, -37.0470962993612],
])("normalQuantile(%d) is %d to a relative 2e-15", (p, expected) => {
  expect(Math.abs(normalQuantile(p) - expected)).toBeLessThanOrEqual(2e-15 * Math.abs(expected));
});
