import type { ResultMetric } from "../result/result-row.js";
import { decidingPValue, type MetricComparison } from "./compare-metric.js";

/** Metrics as people call them. */
export const METRIC_NAMES: Readonly<Record<ResultMetric, string>> = {
  recall: "recall",
  exactMatch: "exact match",
  correct: "accuracy",
};

/** What a comparison of one metric comes to, in one sentence for people. */
export function verdictSentence(
  comparison: MetricComparison,
  options: { readonly alpha: number; readonly labels: readonly [first: string, second: string] },
): string {
  const { metric, rates, difference, bootstrap, clustered, isSignificant, numPairs } = comparison;
  const [first, second] = options.labels;
  const name = METRIC_NAMES[metric];
  const pValue = decidingPValue(comparison);
  if (pValue === null) {
    return `${first} and ${second} do not differ in ${name}: the same verdict on ${clustered ? "balance for every question" : `each of the ${numPairs} pairs`}.`;
  }
  const interval = clustered === undefined ? bootstrap : clustered.interval;
  const excludesZero = interval !== null && (interval.lower > 0 || interval.upper < 0);
  const rateTexts = difference >= 0 ? [rates.first, rates.second] : [rates.second, rates.first];
  const higher = difference >= 0 ? first : second;
  const range =
    interval === null
      ? ""
      : `, ${percentOf(interval.confidence)} % interval of ${first} - ${second} ${points(interval.lower)} to ${points(interval.upper)} points`;
  const evidence = `${formatPValue(pValue)}${clustered ? ", rows of a question counted together" : ""}${range}`;
  const disagreement =
    isSignificant === excludesZero || interval === null
      ? ""
      : ` Test and interval disagree (the interval ${excludesZero ? "excludes" : "includes"} 0): a borderline case.`;
  const verdict = isSignificant
    ? `${higher} has the higher ${name}, ${rateTexts.map(rateText).join(" against ")}, significant at ${options.alpha}`
    : `No significant difference in ${name} at ${options.alpha}: ${rateText(rates.first)} for ${first}, ${rateText(rates.second)} for ${second}`;
  return `${verdict} (${evidence}).${disagreement}`;
}

/** A p-value for people: three digits, never a bare 0. */
export function formatPValue(pValue: number): string {
  if (pValue === 0) return "p < 1e-300";
  return `p = ${pValue < 0.001 ? pValue.toExponential(1) : pValue.toFixed(3)}`;
}

function rateText(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}

function points(difference: number): string {
  return (100 * difference).toFixed(1);
}

function percentOf(fraction: number): string {
  return String(Number((100 * fraction).toPrecision(6)));
}
