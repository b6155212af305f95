import { UsageError } from "@pka/core";
import { clusterMeanDifference, quantile, randomSource, type Interval, type Seed } from "@pka/stats";
import type { ThinkingSample } from "./thinking-sample.js";

/** Options of the contrasts of right against wrong. */
export interface ContrastOptions {
  /** Two-sided, in (0, 1). Default 0.95. */
  readonly confidence?: number | undefined;
  /** Bootstrap resamples, at least 1. Default 2,000. */
  readonly resamples?: number | undefined;
  /** Default 0. */
  readonly seed?: Seed | undefined;
}

/** How much longer the thinking of right answers is than that of wrong ones. */
export interface LengthContrast extends Interval {
  readonly numRight: number;
  readonly numWrong: number;
  readonly meanRight: number;
  readonly meanWrong: number;
  readonly medianRight: number;
  readonly medianWrong: number;
  /** Mean of the right − mean of the wrong; `lower` and `upper` are its interval. */
  readonly difference: number;
  readonly confidence: number;
}

/** As {@link LengthContrast}, within questions that were answered both right and wrong. */
export interface WithinQuestionContrast extends Interval {
  /** Questions with a right and a wrong answer. */
  readonly numQuestions: number;
  /** Mean over these questions of: mean length of the right − mean length of the wrong. */
  readonly difference: number;
  readonly confidence: number;
}

/**
 * Right against wrong, over all questions. Easy questions take less thought and are answered right more often, so a
 * difference here says nothing about what thinking longer does: see {@link withinQuestionContrast}.
 *
 * The interval is a percentile bootstrap over questions, so that several samples of one question may depend on each other.
 *
 * @returns `null` unless at least two questions have a right answer and two a wrong one.
 * @throws UsageError for a confidence or a number of resamples out of range.
 */
export function lengthContrast(
  samples: readonly ThinkingSample[],
  options: ContrastOptions = {},
): LengthContrast | null {
  const { confidence = 0.95, resamples = 2000, seed = 0 } = options;
  if (!(confidence > 0 && confidence < 1))
    throw new UsageError(`confidence must lie between 0 and 1, not ${confidence}`);
  if (!Number.isSafeInteger(resamples) || resamples < 1) {
    throw new UsageError(`resamples must be a whole number of at least 1, not ${resamples}`);
  }
  const questions = [...byQuestion(samples).values()];
  const has = (side: "right" | "wrong") => questions.filter((question) => question[side].count > 0).length;
  if (has("right") < 2 || has("wrong") < 2) return null;

  const random = randomSource(seed);
  const differences = Float64Array.from({ length: resamples }, () => {
    for (;;) {
      const [right, wrong] = [new Sum(), new Sum()];
      for (let draw = 0; draw < questions.length; draw++) {
        const question = questions[Math.floor(random() * questions.length)]!;
        right.join(question.right);
        wrong.join(question.wrong);
      }
      // A resample without one side has no difference.
      if (right.count > 0 && wrong.count > 0) return right.mean() - wrong.mean();
    }
  }).toSorted();

  const [right, wrong] = [sortedLengths(samples, true), sortedLengths(samples, false)];
  const [meanRight, meanWrong] = [meanOf(right), meanOf(wrong)];
  return {
    numRight: right.length,
    numWrong: wrong.length,
    meanRight,
    meanWrong,
    medianRight: quantile(right, 0.5),
    medianWrong: quantile(wrong, 0.5),
    difference: meanRight - meanWrong,
    lower: quantile(differences, (1 - confidence) / 2),
    upper: quantile(differences, (1 + confidence) / 2),
    confidence,
  };
}

/**
 * Right against wrong within the same question, which holds its difficulty fixed. Every question weighs the same; the
 * interval is mean ± z·standard error over questions.
 *
 * @returns `null` unless at least two questions were answered both right and wrong.
 */
export function withinQuestionContrast(
  samples: readonly ThinkingSample[],
  options: Pick<ContrastOptions, "confidence"> = {},
): WithinQuestionContrast | null {
  const { confidence = 0.95 } = options;
  const differences: number[] = [];
  for (const { right, wrong } of byQuestion(samples).values()) {
    if (right.count > 0 && wrong.count > 0) differences.push(right.mean() - wrong.mean());
  }
  if (differences.length < 2) return null;
  const { difference, lower, upper } = clusterMeanDifference(differences, [...differences.keys()], confidence);
  return { numQuestions: differences.length, difference, lower, upper, confidence };
}

class Sum {
  count = 0;
  #sum = 0;

  add(length: number): void {
    this.count += 1;
    this.#sum += length;
  }

  join(other: Sum): void {
    this.count += other.count;
    this.#sum += other.#sum;
  }

  mean(): number {
    return this.#sum / this.count;
  }
}

function byQuestion(samples: readonly ThinkingSample[]): Map<ThinkingSample["question"], { right: Sum; wrong: Sum }> {
  const questions = new Map<ThinkingSample["question"], { right: Sum; wrong: Sum }>();
  for (const { question, length, isRight } of samples) {
    if (isRight === null) continue;
    let sums = questions.get(question);
    if (sums === undefined) questions.set(question, (sums = { right: new Sum(), wrong: new Sum() }));
    sums[isRight ? "right" : "wrong"].add(length);
  }
  return questions;
}

function sortedLengths(samples: readonly ThinkingSample[], isRight: boolean): Float64Array {
  return Float64Array.from(
    samples.filter((sample) => sample.isRight === isRight),
    ({ length }) => length,
  ).toSorted();
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
