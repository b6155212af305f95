import { findSubstring } from "../text/find-substring.js";
import { extractRewardAnswer } from "./extract-reward-answer.js";
import { normalizeRewardAnswer } from "./normalize-reward-answer.js";

/** The RL grader's verdict on one answer. Exact match implies recall. */
export interface RewardAnswerVerdict {
  /** The prediction equals an accepted answer. */
  readonly exactMatch: boolean;
  /** An accepted answer stands anywhere in the prediction, also inside a word. */
  readonly recall: boolean;
}

/** A rewarded completion. */
export interface Reward extends RewardAnswerVerdict {
  /** The answer that was graded. */
  readonly extracted: string;
  /** 1 for an exact match, 0.5 for recall alone, else 0. */
  readonly correct: 0 | 0.5 | 1;
  /** 1 if the completion came to its end, else 0. */
  readonly format: 0 | 1;
  /** `correct` − `formatCoefficient` × (1 − `format`). */
  readonly reward: number;
}

/** Options of {@link computeReward}. */
export interface RewardOptions {
  /** Did the completion end in its stop token, rather than be cut? Default true. */
  readonly parsed?: boolean;
  /** What an unfinished completion costs. Default 0.1, the paper's. */
  readonly formatCoefficient?: number;
}

/**
 * Exact match and recall as the paper's RL environment counts them. Recall is a substring test without word boundaries:
 * `art` is recalled by `Paris is smart`, and an accepted answer that normalises to nothing by everything.
 *
 * @param prediction - Answer text, as `extractRewardAnswer` takes it from a completion.
 * @param answers - Accepted answers, any number; `[]` gives false and false.
 */
export function gradeRewardAnswer(prediction: string, answers: readonly string[]): RewardAnswerVerdict {
  const text = normalizeRewardAnswer(prediction);
  const golds = answers.map(normalizeRewardAnswer);
  return { exactMatch: golds.includes(text), recall: golds.some((gold) => findSubstring(text, gold)) };
}

/**
 * The reward of one completion in the paper's RL environment.
 *
 * @param completion - The whole completion, thinking and chat markup included. Without a closed `<answer>` all of it is
 * graded, so that an accepted answer named while thinking earns 0.5.
 * @param answers - Accepted answers of the question.
 * @returns Among others `reward`: with the default coefficient one of 1, 0.9, 0.5, 0.4, 0, −0.1.
 * @see `scripts/rl/trivia_env.py` and `scripts/rl/trivia_grading.py` of arXiv:2602.22193. Its format check accepts every text, so only a cut
 * completion loses the format part. Its one-second limit on grading is not needed here.
 */
export function computeReward(completion: string, answers: readonly string[], options: RewardOptions = {}): Reward {
  const { parsed = true, formatCoefficient = 0.1 } = options;
  const extracted = extractRewardAnswer(completion);
  const verdict = gradeRewardAnswer(extracted, answers);
  const correct = verdict.exactMatch ? 1 : verdict.recall ? 0.5 : 0;
  const format = parsed ? 1 : 0;
  return { extracted, ...verdict, correct, format, reward: formatCoefficient * (format - 1) + correct };
}
