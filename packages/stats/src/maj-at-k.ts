import { UsageError } from "@pka/core";
import { binomialPmf } from "./binomial.js";
import { requireCount } from "./check.js";

/** One distinct answer to a question. */
export interface AnswerVotes {
  /** Samples that gave this answer, at least 1. */
  readonly count: number;
  readonly correct: boolean;
}

/** Options of `majAtK`. */
export interface MajAtKOptions {
  /** Samples without an answer. They may be drawn, but do not vote. Default 0. */
  readonly abstentions?: number;
}

/**
 * Unbiased estimate of maj@k (self-consistency) for one question: the chance that the most frequent answer among k
 * samples, drawn without replacement from those there are, is correct. Answers tied for first win with equal chance; k
 * samples that all abstain are not correct. Average over questions. Assumes independent samples.
 *
 * Computed exactly, answer by answer, not by drawing; the time grows with k³ and the number of distinct answers.
 *
 * @param votes - The distinct answers among the samples; several may be correct, each then stands on its own.
 * @param k - At least 1, at most the number of samples.
 * @returns In [0, 1].
 * @throws UsageError naming the argument that is out of range.
 * @example majAtK([{ count: 3, correct: true }, { count: 2, correct: false }], 3) // 0.7
 * @see Wang et al. (2023), Self-Consistency Improves Chain of Thought Reasoning, arXiv:2203.11171, for the vote.
 */
export function majAtK(votes: readonly AnswerVotes[], k: number, { abstentions = 0 }: MajAtKOptions = {}): number {
  requireCount("k", k, 1);
  requireCount("abstentions", abstentions);
  for (const [index, { count }] of votes.entries()) requireCount(`votes[${index}].count`, count, 1);
  const samples = votes.reduce((sum, { count }) => sum + count, abstentions);
  if (k > samples) throw new UsageError(`k must be at most the ${samples} samples there are, not ${k}`);

  let chance = 0;
  for (const [index, winner] of votes.entries()) {
    if (!winner.correct) continue;
    const others = votes.filter((_, other) => other !== index).map(({ count }) => count);
    for (let top = 1; top <= Math.min(k, winner.count); top++) {
      chance += winShare({ winner: winner.count, top, others, abstentions, samples, k });
    }
  }
  return Math.min(1, chance);
}

interface Contest {
  readonly winner: number;
  /** Votes that the winner gets. */
  readonly top: number;
  readonly others: readonly number[];
  readonly abstentions: number;
  readonly samples: number;
  readonly k: number;
}

/** P(the winner gets `top` votes, nobody more, and it wins the draw among those with as many). */
function winShare({ winner, top, others, abstentions, samples, k }: Contest): number {
  // chances[tied][drawn]: `drawn` samples dealt out so far, `tied` other answers with exactly `top` votes.
  const mostTied = Math.floor(k / top) - 1;
  let chances = Array.from({ length: mostTied + 1 }, () => new Float64Array(k + 1));
  chances[0]![top] = hypergeometric(top, winner, samples, k);
  let left = samples - winner;
  const deal = (count: number, most: number, doesVote: boolean): void => {
    const next = chances.map(() => new Float64Array(k + 1));
    for (const [tied, row] of chances.entries()) {
      for (const [drawn, chance] of row.entries()) {
        if (chance === 0) continue;
        for (let got = 0; got <= Math.min(most, count, k - drawn); got++) {
          const target = next[doesVote && got === top ? tied + 1 : tied];
          if (target) target[drawn + got]! += chance * hypergeometric(got, count, left, k - drawn);
        }
      }
    }
    chances = next;
    left -= count;
  };
  for (const count of others) deal(count, top, true);
  deal(abstentions, k, false);
  return chances.reduce((sum, row, tied) => sum + row[k]! / (tied + 1), 0);
}

/** P(`got` of the `count` marked ones are among `draws` from `total`, drawn without replacement), by binomials. */
function hypergeometric(got: number, count: number, total: number, draws: number): number {
  if (total === 0) return 1;
  const p = draws / total;
  return (binomialPmf(got, count, p) * binomialPmf(draws - got, total - count, p)) / binomialPmf(draws, total, p);
}
