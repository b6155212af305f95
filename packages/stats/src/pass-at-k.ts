import { UsageError } from "@pka/core";
import { requireCount } from "./check.js";

/**
 * Unbiased estimate of pass@k for one question: the chance that at least one of k samples, drawn without replacement
 * from the n there are, is correct. Average over questions for the benchmark's pass@k. Assumes independent samples.
 *
 * @param samples - n, at least `k`.
 * @param correct - How many of them are correct, from 0 to n.
 * @param k - At least 1.
 * @returns In [0, 1]: 1 − C(n − c, k)/C(n, k).
 * @throws UsageError naming the argument that is out of range.
 * @example passAtK(10, 3, 5) // 0.9167
 * @see Chen et al. (2021), Evaluating Large Language Models Trained on Code, arXiv:2107.03374, §2.1.
 */
export function passAtK(samples: number, correct: number, k: number): number {
  requireCount("samples", samples, 1);
  requireCount("correct", correct);
  requireCount("k", k, 1);
  if (correct > samples) throw new UsageError(`correct must be at most samples = ${samples}, not ${correct}`);
  if (k > samples) throw new UsageError(`k must be at most samples = ${samples}, not ${k}`);
  let allWrong = 1;
  for (let draw = 0; draw < k; draw++) allWrong *= Math.max(0, samples - correct - draw) / (samples - draw);
  return 1 - allWrong;
}
