import { cumulative, searchCumulative } from "./bootstrap-law.js";
import type { Law } from "./binomial.js";
import { quantile } from "./quantile.js";

/** The bootstrap distribution of a mean difference, drawn or exact. */
export interface BootstrapDistribution {
  quantile(probability: number): number;
  /** Share of it below `value`; what equals `value` counts half. */
  shareBelow(value: number): number;
}

/** Rounding of a sum of fractions must not break a tie. */
const TIE = 1e-12;

/** @param means - One per resample, at least one. Sorted in place. */
export function drawnDistribution(means: Float64Array): BootstrapDistribution {
  means.sort();
  return {
    quantile: (probability) => quantile(means, probability),
    shareBelow(value) {
      const slack = TIE * Math.max(1, Math.abs(value));
      let twice = 0;
      for (const mean of means) {
        if (mean < value - slack) twice += 2;
        else if (mean <= value + slack) twice += 1;
      }
      return twice / (2 * means.length);
    },
  };
}

/** @param law - Of the sum of `n` differences. */
export function exactDistribution(law: Law, n: number): BootstrapDistribution {
  const sums = cumulative(law);
  return {
    // A step that ends exactly at the probability must not be missed by rounding.
    quantile: (probability) => (law.from + searchCumulative(sums, probability - TIE)) / n,
    shareBelow(value) {
      const position = Math.round(value * n) - law.from;
      return (sums[position - 1] ?? 0) + (law.probabilities[position] ?? 0) / 2;
    },
  };
}
