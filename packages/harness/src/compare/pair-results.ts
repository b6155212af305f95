import { type PairBy, type RowPair, pairRows } from "@pka/stats";
import type { ResultRows } from "../result/read-result-rows.js";
import type { ResultRow } from "../result/result-row.js";
import { NotComparableError } from "./errors.js";

/** Of the rows of the shorter file, so many must have a partner with the same question. */
const LEAST_OVERLAP = 0.5;

/** A row of the first file and its partner in the second. */
export type ResultPair = RowPair<ResultRow, ResultRow>;

/** How the rows of two files found each other. */
export interface PairingSummary {
  readonly by: PairBy;
  readonly numPairs: number;
  /** Different questions among the pairs; fewer than pairs where questions repeat or are sampled several times. */
  readonly numQuestions: number;
  /** Rows without a partner. */
  readonly unmatched: { readonly first: number; readonly second: number };
  /** Rows whose question stands in an earlier row of the same file as well; further samples are not counted. */
  readonly repeated: { readonly first: number; readonly second: number };
  /** By index: pairs of rows whose questions differ. */
  readonly mismatched: number;
}

export interface PairedResults {
  readonly pairs: readonly ResultPair[];
  readonly summary: PairingSummary;
}

/**
 * Match the rows of two files.
 *
 * @throws NotComparableError when a file has no rows, a row no question (unless paired by index), or when fewer than half of
 * the shorter file's rows find the same question in the other file: those are two datasets.
 */
export function pairResults(first: ResultRows, second: ResultRows, by: PairBy): PairedResults {
  const refuse = (problem: string) => new NotComparableError(first.path, second.path, problem);
  for (const { path, rows } of [first, second]) {
    if (rows.length === 0) throw refuse(`${path} has no rows`);
    const without = rows.find(({ question }) => question === null);
    if (without !== undefined && by !== "index") {
      throw refuse(`row ${without.index} of ${path} has no question; rows can be paired by index instead`);
    }
  }

  const pairing =
    by === "legacy"
      ? pairRows(first.rows, second.rows, { by, key: ({ question }) => question! })
      : pairRows(first.rows, second.rows, { by, key: sampleKey });
  const { pairs, mismatched } = pairing;
  const shorter = Math.min(first.rows.length, second.rows.length);
  // Rows without a question say nothing about the dataset.
  const numShared = pairs.length - mismatched.length;
  if (numShared < LEAST_OVERLAP * shorter) {
    throw refuse(
      `only ${numShared} of ${shorter} rows have the same question in both (${by === "index" ? "at the same index" : "anywhere"}): ` +
        "these look like different datasets",
    );
  }
  const questions = new Set(pairs.map((pair) => clusterOf(pair)));
  return {
    pairs,
    summary: {
      by,
      numPairs: pairs.length,
      numQuestions: questions.size,
      unmatched: { first: pairing.unmatched.first.length, second: pairing.unmatched.second.length },
      repeated: { first: numRepeated(first.rows), second: numRepeated(second.rows) },
      mismatched: mismatched.length,
    },
  };
}

/** Pairs that depend on each other because they share it: the question, or the pair itself where it has none. */
export function clusterOf({ first, firstIndex }: ResultPair): string | number {
  return first.question ?? firstIndex;
}

function sampleKey({ question, sample }: ResultRow): string {
  return `${sample}:${question ?? ""}`;
}

function numRepeated(rows: readonly ResultRow[]): number {
  return rows.length - new Set(rows.map((row) => (row.question === null ? row.index : sampleKey(row)))).size;
}
