import type { Task } from "@pka/core";
import {
  computeReward,
  extractFinalAnswer,
  finalMessage,
  gradeAnswer,
  gradeMath,
  gradeRefinedAnswer,
  gradeRepaired,
  normalizeRefinedAnswer,
  normalizeRewardAnswer,
} from "@pka/grading";
import type { ResultMetric } from "../result/result-row.js";

/** What a grader is given of one row. */
export interface GradedRow {
  /** Everything the model wrote; `null` where the file does not hold it. */
  readonly text: string | null;
  /** The answer as the evaluation extracts it; in MATH `null`. */
  readonly extracted: string | null;
  /** Accepted answers. Empty in MATH. */
  readonly answers: readonly string[];
  /** The worked solution. Empty in QA. */
  readonly solution: string;
}

/** One grader's verdicts on one answer; a metric that it does not have is absent. */
export type GraderVerdicts = Readonly<Partial<Record<ResultMetric, boolean>>>;

/** One rule of grading, applied to answers that are already there. */
export interface Grader {
  readonly name: string;
  readonly task: Task;
  /** `paper` = as the paper grades, faults included; `repaired` = without them. */
  readonly rule: "paper" | "repaired";
  /** What it says of a row, in the order in which it is reported. */
  readonly metrics: readonly ResultMetric[];
  /** `undefined` when the row lacks what the grader looks at. */
  grade(row: GradedRow): GraderVerdicts | undefined;
}

const QA: readonly ResultMetric[] = ["recall", "exactMatch"];

/** Every grader, the paper's first. A new one is a row here. */
export const GRADERS: readonly Grader[] = [
  {
    name: "eval",
    task: "qa",
    rule: "paper",
    metrics: QA,
    grade: ({ extracted, answers }) => (extracted === null ? undefined : gradeAnswer(extracted, answers)),
  },
  {
    name: "ex-recall",
    task: "qa",
    rule: "paper",
    metrics: ["recall"],
    grade: ({ extracted, answers }) =>
      extracted === null
        ? undefined
        : { recall: gradeRefinedAnswer({ extracted, refined: extracted, answers }).recalled },
  },
  {
    name: "rl-reward",
    task: "qa",
    rule: "paper",
    metrics: QA,
    grade: ({ text, answers }) => {
      if (text === null) return undefined;
      const { exactMatch, recall } = computeReward(text, answers);
      return { exactMatch, recall };
    },
  },
  repaired("eval-repaired", QA),
  repaired("ex-recall-repaired", ["recall"], normalizeRefinedAnswer),
  repaired("rl-reward-repaired", QA, normalizeRewardAnswer),
  {
    name: "math",
    task: "math",
    rule: "paper",
    metrics: ["correct"],
    grade: ({ text, solution }) => (text === null ? undefined : { correct: gradeMath(text, solution).correct }),
  },
  {
    name: "math-repaired",
    task: "math",
    rule: "repaired",
    metrics: ["correct"],
    grade: ({ text, solution }) => {
      if (text === null) return undefined;
      const { correct, bothMissing } = gradeMath(finalMessage(text) ?? "", solution);
      return { correct: correct && !bothMissing };
    },
  },
];

function repaired(name: string, metrics: readonly ResultMetric[], normalize?: (text: string) => string): Grader {
  return {
    name,
    task: "qa",
    rule: "repaired",
    metrics,
    grade: ({ text, answers }) => {
      if (text === null) return undefined;
      const { exactMatch, recall } = gradeRepaired(extractFinalAnswer(text), answers, normalize);
      return metrics.includes("exactMatch") ? { exactMatch, recall } : { recall };
    },
  };
}
