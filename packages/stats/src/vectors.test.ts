import { UsageError } from "@pka/core";
import { HAS_SHARED, readShared, SKIPPED } from "@pka/fault-kit/shared-data";
import { describe, expect, test, vi } from "vitest";
import { differencesOf } from "./__fixtures__/differences.js";
import { accelerationOf } from "./bootstrap-interval.js";
import { bootstrapLaw, cumulative } from "./bootstrap-law.js";
import { bootstrapDifference, type BootstrapOptions, type Interval, mcnemar, pairRows } from "./index.js";
import { mean } from "./mean.js";

const readVectors = (name: string): unknown => JSON.parse(readShared(`vectors/${name}`).toString());

// What the paper's scripts, SciPy and 60-digit arithmetic say about the published results and about made-up tables.
interface Table {
  readonly b: number;
  readonly c: number;
  readonly method: string;
  readonly statistic: number | null;
  readonly p_value: number | null;
  readonly precise: { readonly chi2_sf: string; readonly exact_p: string; readonly midp: string } | null;
}
interface PairingCase {
  readonly name: string;
  readonly results1: readonly Readonly<Record<string, unknown>>[];
  readonly results2: readonly Readonly<Record<string, unknown>>[];
  readonly pairing: "question" | "index";
  readonly pairs?: readonly (readonly [number, number])[];
}
interface McnemarVectors {
  readonly real_pairs: readonly Table[];
  readonly synthetic_tables: readonly Table[];
  readonly pairing_cases: readonly PairingCase[];
}
interface Spread {
  readonly mean: number;
  readonly sd: number;
}
interface Bounds {
  readonly lower: Spread;
  readonly upper: Spread;
}
interface ExactBound {
  readonly value: number;
  readonly cdf_below: number;
  readonly cdf_at: number;
}
interface BootstrapVectors {
  readonly pairs: readonly BootstrapPair[];
}
interface BootstrapPair {
  readonly first_only: number;
  readonly second_only: number;
  readonly ties: number;
  readonly mean_difference: number;
  readonly lattice_step: number;
  readonly percentile_10000: Bounds;
  readonly percentile_200000: Bounds | null;
  readonly multinomial_200000: Bounds;
  readonly exact_bootstrap: { readonly lower: ExactBound; readonly upper: ExactBound };
  readonly bca_10000: Bounds & { readonly acceleration: number };
}

const METHODS: Readonly<Record<string, string>> = {
  none: "none",
  "exact (binomial)": "exact",
  "chi-squared (continuity correction)": "chi-squared",
};

/** Relative; what doubles cannot hold well is only asked to be as small. */
function expectTail(actual: number | null, precise: string, label: string): void {
  const expected = Number(precise);
  if (expected > 1e-300) expect(Math.abs(actual! / expected - 1), label).toBeLessThanOrEqual(1e-10);
  else expect(actual, label).toBeLessThanOrEqual(1e-300);
}

// Seconds of work, more on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(!HAS_SHARED)(`Python vectors${SKIPPED}`, () => {
  test("McNemar: all 165 tables agree in method, statistic and p-value", () => {
    const { real_pairs: real, synthetic_tables: synthetic } = readVectors("mcnemar.json") as McnemarVectors;
    expect(real).toHaveLength(96);
    expect(synthetic).toHaveLength(69);
    for (const { b, c, method, statistic, p_value: pValue, precise } of [...real, ...synthetic]) {
      const label = `b = ${b}, c = ${c}`;
      const table = { firstOnly: b, secondOnly: c };
      const asScript = mcnemar(table);
      expect(asScript.method, label).toBe(METHODS[method]);
      if (statistic === null) expect(asScript.statistic, label).toBeNull();
      else expect(Math.abs(asScript.statistic! - statistic), label).toBeLessThanOrEqual(1e-14 * statistic);
      if (pValue === null) expect(asScript.pValue, label).toBeNull();
      else expect(Math.abs(asScript.pValue! - pValue), label).toBeLessThanOrEqual(1e-13);

      if (precise === null) continue;
      expectTail(mcnemar(table, { method: "chi-squared" }).pValue, precise.chi2_sf, `${label}: chi-squared`);
      expectTail(mcnemar(table, { method: "exact" }).pValue, precise.exact_p, `${label}: exact`);
      expectTail(mcnemar(table, { method: "mid-p" }).pValue, precise.midp, `${label}: mid-p`);
    }
  });

  test("pairing: all 44 cases agree, and where the script fails we do", () => {
    const { pairing_cases: cases } = readVectors("mcnemar.json") as McnemarVectors;
    expect(cases).toHaveLength(44);
    for (const { name, results1, results2, pairing, pairs } of cases) {
      const field = results1[0] && "problem" in results1[0] ? "problem" : "question";
      // The script reads a missing field as "" and fails on null, which is neither text nor number.
      const key = (row: Readonly<Record<string, unknown>>): string => (field in row ? (row[field] as string) : "");
      const pair = () =>
        pairRows(results1, results2, pairing === "index" ? { by: "index" } : { by: "legacy", key }).pairs.map(
          ({ firstIndex, secondIndex }) => [firstIndex, secondIndex],
        );
      if (pairs === undefined) expect(pair, name).toThrow(UsageError);
      else expect(pair(), `${name}, by ${pairing}`).toEqual(pairs);
    }
  });

  describe("bootstrap: 42 pairs of published results", () => {
    const vectors = HAS_SHARED ? (readVectors("bootstrap.json") as BootstrapVectors).pairs : [];
    const run = (pair: BootstrapPair, options: BootstrapOptions) =>
      bootstrapDifference(differencesOf(pair.first_only, pair.second_only, pair.ties), options);
    /** Within 5 sd over seeds + 1 lattice step of the mean over seeds. */
    const expectWithin = (pair: BootstrapPair, result: Interval, { lower, upper }: Bounds): void => {
      expect(Math.abs(result.lower - lower.mean)).toBeLessThanOrEqual(5 * lower.sd + pair.lattice_step);
      expect(Math.abs(result.upper - upper.mean)).toBeLessThanOrEqual(5 * upper.sd + pair.lattice_step);
    };

    test("there are 42, and mean differences are exact", () => {
      expect(vectors).toHaveLength(42);
      for (const pair of vectors) {
        expect(run(pair, { resampling: "exact" }).difference).toBe(pair.mean_difference);
      }
    });

    test("exact quantiles are the same lattice points", () => {
      for (const pair of vectors) {
        const { lower, upper } = run(pair, { resampling: "exact" });
        expect(lower).toBeCloseTo(pair.exact_bootstrap.lower.value, 12);
        expect(upper).toBeCloseTo(pair.exact_bootstrap.upper.value, 12);
      }
    });

    test("the exact law has the same probabilities below and at them", () => {
      for (const { first_only: plus, second_only: minus, ties: zero, exact_bootstrap: exact } of vectors) {
        const law = bootstrapLaw({ plus, minus, zero });
        const sums = cumulative(law);
        for (const { value, cdf_below: below, cdf_at: at } of [exact.lower, exact.upper]) {
          const position = Math.round(value * (plus + minus + zero)) - law.from;
          expect(sums[position - 1]).toBeCloseTo(below, 11);
          expect(sums[position]).toBeCloseTo(at, 11);
        }
      }
    });

    test("10,000 resamples: percentile by the multinomial law, and BCa", () => {
      for (const pair of vectors) {
        expectWithin(pair, run(pair, { seed: 1 }), pair.percentile_10000);
        expectWithin(pair, run(pair, { seed: 2, method: "bca" }), pair.bca_10000);
        const differences = differencesOf(pair.first_only, pair.second_only, pair.ties);
        const centre = mean(differences);
        const acceleration = accelerationOf(differences.map((value) => value - centre));
        expect(Math.abs(acceleration - pair.bca_10000.acceleration)).toBeLessThanOrEqual(1e-13);
      }
    });

    test("10,000 resamples of rows, for every tenth pair", () => {
      for (const pair of vectors.filter((_, index) => index % 10 === 0)) {
        expectWithin(pair, run(pair, { seed: 3, resampling: "rows" }), pair.percentile_10000);
      }
    });

    test("200,000 resamples: within 2 lattice steps of the exact quantiles, and of the scripts' own", () => {
      for (const pair of vectors) {
        const result = run(pair, { resamples: 200_000, seed: 4 });
        const slack = 2 * pair.lattice_step + 1e-12;
        expect(Math.abs(result.lower - pair.exact_bootstrap.lower.value)).toBeLessThanOrEqual(slack);
        expect(Math.abs(result.upper - pair.exact_bootstrap.upper.value)).toBeLessThanOrEqual(slack);
        expectWithin(pair, result, pair.multinomial_200000);
        if (pair.percentile_200000) expectWithin(pair, result, pair.percentile_200000);
      }
    });
  });
});
