import { join } from "node:path";
import {
  benjaminiHochberg,
  bootstrapDifference,
  clusterMeanDifference,
  type Interval,
  mcnemar,
  newcombeIntervalIndependent,
  newcombeIntervalPaired,
  type PairedTable,
  passAtK,
  permutationTest,
  wilsonInterval,
} from "@pka/stats";
import { array, double, integer, nat, record, sample, tuple } from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";

const interpreter = python();
const why = interpreter === null ? " (skipped: no Python environment)" : "";

const CONFIDENCE = 0.95;

/** Tables of every size up to `most` a cell, small ones as often as large ones. */
const tablesUpTo = (most: number) => {
  const count = tuple(double({ min: 0, max: 1, noNaN: true }), nat(3)).map(([size, few]) =>
    few === 0 ? Math.floor(size * 4) : Math.floor(most ** size),
  );
  return record({ both: count, firstOnly: count, secondOnly: count, neither: count }).filter(
    ({ both, firstOnly, secondOnly, neither }) => both + firstOnly + secondOnly + neither > 0,
  );
};
const sizeOf = ({ both, firstOnly, secondOnly, neither }: PairedTable): number =>
  both + firstOnly + secondOnly + neither;

const tables = sample(tablesUpTo(20_000), { numRuns: 1000, seed: 1 });
const smallTables = sample(tablesUpTo(400), { numRuns: 200, seed: 2 });
const differences = sample(array(integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 10 }), {
  numRuns: 100,
  seed: 3,
});
const samples = sample(
  array(record({ difference: integer({ min: -4, max: 4 }), cluster: nat(20) }), { minLength: 2, maxLength: 80 })
    .filter((rows) => new Set(rows.map(({ cluster }) => cluster)).size > 1)
    .map((rows) => ({
      differences: rows.map(({ difference }) => difference / 4),
      clusters: rows.map(({ cluster }) => cluster),
    })),
  { numRuns: 200, seed: 4 },
);
const pValues = sample(array(double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), {
  numRuns: 200,
  seed: 5,
});
const passCases = sample(
  integer({ min: 1, max: 200 }).chain((n) =>
    record({
      samples: integer({ min: n, max: n }),
      correct: integer({ min: 0, max: n }),
      k: integer({ min: 1, max: n }),
    }),
  ),
  { numRuns: 500, seed: 6 },
);

interface Mcnemar {
  readonly exact: number;
  readonly mid_p: number;
  readonly statistic: number;
  readonly chi_squared: number;
}
type Bounds = readonly [lower: number, upper: number];
interface Quantile {
  readonly value: number;
  readonly margin: number;
}
interface Reply {
  readonly mcnemar: readonly (Mcnemar | null)[];
  readonly intervals: readonly { readonly wilson: Bounds; readonly independent: Bounds; readonly paired: Bounds }[];
  readonly exact_bootstrap: readonly (readonly [lower: Quantile, upper: Quantile])[];
  readonly permutation: readonly number[];
  readonly cluster_mean: readonly { readonly difference: number; readonly standard_error: number }[];
  readonly benjamini_hochberg: readonly (readonly number[])[];
  readonly pass_at_k: readonly number[];
}

/** Relative to the larger of the two: p-values must agree in their digits, however small. */
function relative(ours: number, theirs: number): number {
  return ours === theirs ? 0 : Math.abs(ours - theirs) / Math.max(Math.abs(ours), Math.abs(theirs));
}

describe.skipIf(interpreter === null)(`@pka/stats agrees with SciPy${why}`, () => {
  let reply: Reply;

  beforeAll(async () => {
    const input = JSON.stringify({
      confidence: CONFIDENCE,
      tables,
      small_tables: smallTables,
      differences,
      samples,
      p_values: pValues,
      pass_at_k: passCases,
    });
    const script = join(import.meta.dirname, "reference.py");
    const { stdout } = await runOrThrow(interpreter!, [script], { input, timeoutMs: 120_000 });
    reply = JSON.parse(stdout);
  });

  test("McNemar: 1,000 random tables to a relative 1e-10, where p is above 1e-290", () => {
    expect(reply.mcnemar).toHaveLength(1000);
    for (const [index, table] of tables.entries()) {
      const label = JSON.stringify(table);
      const theirs = reply.mcnemar[index]!;
      if (theirs === null) {
        expect(mcnemar(table).method, label).toBe("none");
        continue;
      }
      const pairs = [
        [mcnemar(table, { method: "exact" }).pValue!, theirs.exact],
        [mcnemar(table, { method: "mid-p" }).pValue!, theirs.mid_p],
        [mcnemar(table, { method: "chi-squared" }).pValue!, theirs.chi_squared],
        [mcnemar(table, { method: "chi-squared" }).statistic!, theirs.statistic],
      ] as const;
      for (const [ours, scipy] of pairs) {
        if (ours < 1e-290) expect(scipy, label).toBeLessThan(1e-280);
        else expect(relative(ours, scipy), `${label}: ${ours} and ${scipy}`).toBeLessThan(1e-10);
      }
    }
  });

  test("Wilson and Newcombe: the bounds of 1,000 random tables to 1e-10", () => {
    for (const [index, table] of tables.entries()) {
      const n = sizeOf(table);
      const [first, second] = [table.both + table.firstOnly, table.both + table.secondOnly];
      const theirs = reply.intervals[index]!;
      const expectBounds = ({ lower, upper }: Interval, [low, high]: Bounds): void => {
        expect(Math.abs(lower - low), JSON.stringify(table)).toBeLessThan(1e-10);
        expect(Math.abs(upper - high), JSON.stringify(table)).toBeLessThan(1e-10);
      };
      expectBounds(wilsonInterval(first, n, CONFIDENCE), theirs.wilson);
      const independent = [
        { successes: first, n },
        { successes: second, n },
      ] as const;
      expectBounds(newcombeIntervalIndependent(...independent, CONFIDENCE), theirs.independent);
      expectBounds(newcombeIntervalPaired(table, CONFIDENCE), theirs.paired);
    }
  });

  test("exact bootstrap: the same lattice points as an n-fold convolution, for 200 tables", () => {
    let compared = 0;
    for (const [index, { both, firstOnly, secondOnly, neither }] of smallTables.entries()) {
      const values = [[1, firstOnly], [-1, secondOnly], [0, both + neither]] as const; // prettier-ignore
      const list = values.flatMap(([value, count]) => Array<number>(count).fill(value));
      const { lower, upper } = bootstrapDifference(list, { resampling: "exact", confidence: CONFIDENCE });
      const [low, high] = reply.exact_bootstrap[index]!;
      for (const [ours, theirs] of [
        [lower, low],
        [upper, high],
      ] as const) {
        // prettier-ignore
        if (theirs.margin < 1e-11) continue;
        compared++;
        expect(ours).toBeCloseTo(theirs.value, 12);
      }
    }
    expect(compared).toBeGreaterThan(350);
  });

  test("permutation: the exact p-values of 100 samples to 1e-10", () => {
    for (const [index, values] of differences.entries()) {
      expect(Math.abs(permutationTest(values).pValue - reply.permutation[index]!)).toBeLessThan(1e-10);
    }
  });

  test("cluster-robust means: 200 samples to 1e-10", () => {
    for (const [index, { differences: values, clusters }] of samples.entries()) {
      const { difference, standardError } = clusterMeanDifference(values, clusters, CONFIDENCE);
      expect(Math.abs(difference - reply.cluster_mean[index]!.difference)).toBeLessThan(1e-10);
      expect(Math.abs(standardError - reply.cluster_mean[index]!.standard_error)).toBeLessThan(1e-10);
    }
  });

  test("Benjamini and Hochberg's p-values and pass@k to 1e-10", () => {
    for (const [index, values] of pValues.entries()) {
      const theirs = reply.benjamini_hochberg[index]!;
      benjaminiHochberg(values).forEach((ours, i) => expect(Math.abs(ours - theirs[i]!)).toBeLessThan(1e-10));
    }
    for (const [index, { samples: n, correct, k }] of passCases.entries()) {
      expect(Math.abs(passAtK(n, correct, k) - reply.pass_at_k[index]!)).toBeLessThan(1e-10);
    }
  });
});
