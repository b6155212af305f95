import { type Interval, wilsonInterval } from "@pka/stats";
import {
  type ContrastOptions,
  type LengthContrast,
  lengthContrast,
  type WithinQuestionContrast,
  withinQuestionContrast,
} from "./length-contrast.js";
import { type LengthDistribution, lengthDistribution } from "./length-distribution.js";
import type { ThinkingSample } from "./thinking-sample.js";

/** What averages hide. Everything but the states is about the samples that thought: those whose state is not `none`. */
export interface ThinkingSummary {
  /** Samples per state of their thinking. */
  readonly states: Readonly<Record<ThinkingSample["state"], number>>;
  /** Samples without a verdict. They are in no contrast. */
  readonly numUnjudged: number;
  /** Share of the samples that thought whose thinking never ended, with Wilson's interval; `null` where none thought. */
  readonly unclosed: (Interval & { readonly share: number }) | null;
  readonly lengths: LengthDistribution | null;
  /** Right against wrong, thinking that never ended included: its length is what it had when it was cut. */
  readonly contrast: LengthContrast | null;
  /** Right against wrong among thinking that ended. */
  readonly contrastOfClosed: LengthContrast | null;
  /** Right against wrong within one question; `null` without several samples of the same questions. */
  readonly withinQuestion: WithinQuestionContrast | null;
}

/** How long the thinking of some completions is, and how its length relates to being right. */
export function summarizeThinking(samples: readonly ThinkingSample[], options: ContrastOptions = {}): ThinkingSummary {
  const states = { closed: 0, unclosed: 0, none: 0 };
  for (const { state } of samples) states[state] += 1;
  const thought = samples.filter(({ state }) => state !== "none");
  const closed = samples.filter(({ state }) => state === "closed");
  const hasThought = thought.length > 0;
  return {
    states,
    numUnjudged: samples.filter(({ isRight }) => isRight === null).length,
    unclosed: hasThought
      ? {
          share: states.unclosed / thought.length,
          ...wilsonInterval(states.unclosed, thought.length, options.confidence),
        }
      : null,
    lengths: hasThought ? lengthDistribution(thought) : null,
    contrast: lengthContrast(thought, options),
    contrastOfClosed: lengthContrast(closed, options),
    withinQuestion: withinQuestionContrast(thought, options),
  };
}
