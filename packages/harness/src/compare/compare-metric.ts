import {
  bootstrapDifference,
  type BootstrapMethod,
  type BootstrapResult,
  clusterComparison,
  type ClusterMeanResult,
  mcnemar,
  type McnemarResult,
  type PairedTable,
  pairedTable,
} from "@pka/stats";
import type { ResultMetric, ResultRow } from "../result/result-row.js";
import { clusterOf, type ResultPair } from "./pair-results.js";

/** With fewer clusters that differ, the large-sample test is not to be trusted; the same bound as McNemar's. */
/** What decides how one metric is compared. */
export interface MetricOptions {
  /** What becomes of a pair in which a row has no answer: `wrong` = its verdict counts, as in the paper; `drop` = it is left out. */
  readonly unanswered: "wrong" | "drop";
  readonly alpha: number;
  readonly confidence: number;
  readonly resamples: number;
  readonly bootstrap: BootstrapMethod;
  readonly seed: number;
}

/** One metric over the pairs of two files. Differences are first − second, in [−1, 1]. */
export interface MetricComparison {
  readonly metric: ResultMetric;
  readonly numPairs: number;
  /** Pairs left out because a row has no verdict: the attempt at it failed. */
  readonly numWithoutVerdict: number;
  /** Pairs left out because a row has no answer; 0 unless that is asked for. */
  readonly numDropped: number;
  /** Rows among the pairs that have no answer, so that their verdict, mostly wrong, is about nothing. */
  readonly unanswered: { readonly first: number; readonly second: number };
  readonly table: PairedTable;
  readonly rates: { readonly first: number; readonly second: number };
  readonly difference: number;
  /** Row by row, as the paper's script chooses: exact below 25 discordant pairs, else chi-squared with continuity correction. */
  readonly mcnemar: McnemarResult;
  readonly midP: McnemarResult;
  /** Row by row. */
  readonly bootstrap: BootstrapResult;
  /** Only where questions repeat: rows of one question count together. The tests above then are too sure of themselves. */
  readonly clustered?: ClusteredComparison;
  /** The test that counts (clustered where there is one) rejects at α. */
  readonly isSignificant: boolean;
}

/** A test that lets the rows of one question depend on each other. */
export interface ClusteredComparison {
  /** `permutation` where fewer than 25 questions differ: exact. */
  readonly method: "mcnemar" | "permutation";
  /** `null` where no question differs: nothing was tested. */
  readonly pValue: number | null;
  /** Mean difference ± z × its cluster-robust standard error; `null` with one question. */
  readonly interval: ClusterMeanResult | null;
  readonly numQuestions: number;
}

/** The verdicts of the two files; `undefined` for a row without one. */
export interface Verdicts {
  readonly first: (row: ResultRow) => boolean | undefined;
  readonly second: (row: ResultRow) => boolean | undefined;
}

/**
 * Compare one metric. `undefined` when no pair has a verdict on both sides.
 *
 * @param verdicts - Where they are not those that stand in the rows.
 */
export function compareMetric(
  metric: ResultMetric,
  pairs: readonly ResultPair[],
  options: MetricOptions,
  verdicts: Verdicts = { first: ({ metrics }) => metrics[metric], second: ({ metrics }) => metrics[metric] },
): MetricComparison | undefined {
  const judged = pairs.filter(
    ({ first, second }) => verdicts.first(first) !== undefined && verdicts.second(second) !== undefined,
  );
  const kept =
    options.unanswered === "drop"
      ? judged.filter(({ first, second }) => first.isAnswered && second.isAnswered)
      : judged;
  if (kept.length === 0) return undefined;

  const firstVerdicts = kept.map(({ first }) => verdicts.first(first)!);
  const secondVerdicts = kept.map(({ second }) => verdicts.second(second)!);
  const table = pairedTable(firstVerdicts, secondVerdicts);
  const differences = firstVerdicts.map((verdict, i) => Number(verdict) - Number(secondVerdicts[i]));
  const { confidence, resamples, bootstrap: method, seed, alpha } = options;
  const bootstrap = bootstrapDifference(differences, { confidence, resamples, method, seed });
  const rowWise = mcnemar(table);
  const clustered = compareClusters(differences, kept.map(clusterOf), options);
  const pValue = decidingPValue({ mcnemar: rowWise, ...(clustered && { clustered }) });
  return {
    metric,
    numPairs: kept.length,
    numWithoutVerdict: pairs.length - judged.length,
    numDropped: judged.length - kept.length,
    unanswered: {
      first: kept.filter(({ first }) => !first.isAnswered).length,
      second: kept.filter(({ second }) => !second.isAnswered).length,
    },
    table,
    rates: {
      first: (table.both + table.firstOnly) / kept.length,
      second: (table.both + table.secondOnly) / kept.length,
    },
    difference: bootstrap.difference,
    mcnemar: rowWise,
    midP: mcnemar(table, { method: "mid-p" }),
    bootstrap,
    ...(clustered && { clustered }),
    isSignificant: pValue !== null && pValue < alpha,
  };
}

/** The p-value that counts: the clustered test's where questions repeat, else McNemar's. `null` = nothing differs. */
export function decidingPValue({
  mcnemar: rowWise,
  clustered,
}: Pick<MetricComparison, "mcnemar" | "clustered">): number | null {
  return clustered === undefined ? rowWise.pValue : clustered.pValue;
}

function compareClusters(
  differences: readonly number[],
  clusters: readonly (string | number)[],
  { confidence, seed }: MetricOptions,
): ClusteredComparison | undefined {
  const compared = clusterComparison(differences, clusters, { confidence, seed });
  if (compared === undefined) return undefined;
  const { clusters: numQuestions, ...rest } = compared;
  return { ...rest, numQuestions };
}
