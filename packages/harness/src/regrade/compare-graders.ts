import { compareMetric, type MetricComparison } from "../compare/compare-metric.js";
import { type CompareOptions, resolveOptions } from "../compare/compare-options.js";
import { pairResults, type PairingSummary } from "../compare/pair-results.js";
import { METRIC_NAMES } from "../compare/verdict-sentence.js";
import { RESULT_METRICS, type ResultMetric } from "../result/result-row.js";
import type { RegradedFile } from "./regrade-file.js";

/** Two files under one grader. */
export interface GraderComparison {
  readonly grader: string;
  readonly metrics: readonly MetricComparison[];
}

/** Two files under every grader that could judge both. */
export interface GraderComparisons {
  readonly first: string;
  readonly second: string;
  readonly pairing: PairingSummary;
  readonly graders: readonly GraderComparison[];
  /** Per metric: do the graders come to one conclusion about which file is better? */
  readonly conclusions: readonly GraderConclusion[];
}

/** Whether two files compare the same under every grader, for one metric. */
export interface GraderConclusion {
  readonly metric: ResultMetric;
  readonly dependsOnGrader: boolean;
  /** Graders that say so: the first file is significantly better, the second is, neither is. */
  readonly firstBetter: readonly string[];
  readonly secondBetter: readonly string[];
  readonly noDifference: readonly string[];
}

/**
 * Compare two regraded files under each grader, and see whether the conclusion hangs on which one is asked.
 *
 * @throws NotComparableError when the files hold different datasets.
 */
export function compareGraders(
  first: RegradedFile,
  second: RegradedFile,
  options: CompareOptions = {},
): GraderComparisons {
  const resolved = resolveOptions(options);
  const { pairs, summary: pairing } = pairResults(first, second, options.pairing ?? "occurrence");
  const graders: GraderComparison[] = [];
  for (const { grader, verdicts } of first.graders) {
    const others = second.graders.find((one) => one.grader.name === grader.name)?.verdicts;
    if (others === undefined) continue;
    const metrics = grader.metrics.map((metric) =>
      compareMetric(metric, pairs, resolved, {
        first: ({ index }) => verdicts[index]?.[metric],
        second: ({ index }) => others[index]?.[metric],
      }),
    );
    graders.push({ grader: grader.name, metrics: metrics.filter((compared) => compared !== undefined) });
  }
  return {
    first: first.path,
    second: second.path,
    pairing,
    graders,
    conclusions: RESULT_METRICS.map(([metric]) => conclude(metric, graders)).filter((found) => found !== undefined),
  };
}

/** A conclusion in one sentence for people. */
export function conclusionSentence(
  { metric, dependsOnGrader, firstBetter, secondBetter, noDifference }: GraderConclusion,
  [first, second]: readonly [first: string, second: string],
): string {
  const parts = [
    { graders: firstBetter, says: `${first} is better` },
    { graders: secondBetter, says: `${second} is better` },
    { graders: noDifference, says: "no significant difference" },
  ].filter(({ graders }) => graders.length > 0);
  const name = METRIC_NAMES[metric];
  if (dependsOnGrader) {
    const each = parts.map(({ graders, says }) => `${says} under ${graders.join(", ")}`);
    return `The conclusion on ${name} depends on the grader: ${each.join("; ")}.`;
  }
  const [only] = parts;
  const all =
    only!.graders.length === 1 ? `the only grader, ${only!.graders[0]}` : `all ${only!.graders.length} graders`;
  return `The conclusion on ${name} does not depend on the grader: ${only!.says} under ${all}.`;
}

function conclude(metric: ResultMetric, graders: readonly GraderComparison[]): GraderConclusion | undefined {
  const found = graders.flatMap(({ grader, metrics }) => {
    const compared = metrics.find((one) => one.metric === metric);
    return compared === undefined ? [] : [{ grader, compared }];
  });
  if (found.length === 0) return undefined;
  const named = (holds: (compared: MetricComparison) => boolean) =>
    found.filter(({ compared }) => holds(compared)).map(({ grader }) => grader);
  const firstBetter = named(({ isSignificant, difference }) => isSignificant && difference > 0);
  const secondBetter = named(({ isSignificant, difference }) => isSignificant && difference < 0);
  const noDifference = named(({ isSignificant }) => !isSignificant);
  const numOpinions = [firstBetter, secondBetter, noDifference].filter((names) => names.length > 0).length;
  return { metric, dependsOnGrader: numOpinions > 1, firstBetter, secondBetter, noDifference };
}
