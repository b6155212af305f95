import { UsageError } from "@pka/core";
import {
  compareAgainstFirst,
  type CompareOptions,
  readResultRows,
  type ResultMetric,
  type ResultRows,
} from "@pka/harness";
import { printComparisons } from "./print-comparisons.js";
import { Stderr } from "./stderr.js";
import { warnAboutFile } from "./warn-about-file.js";

export interface CompareFlags {
  readonly metric?: readonly ResultMetric[];
  readonly pairing: NonNullable<CompareOptions["pairing"]>;
  readonly pairByIndex?: true;
  readonly unanswered: "wrong" | "drop";
  readonly alpha: number;
  readonly confidenceLevel: number;
  readonly nBootstrap: number;
  readonly bootstrap: "percentile" | "bca";
  readonly seed: number;
  readonly midP?: true;
  readonly json?: true;
}

/** `pka compare`. */
export async function runCompare(paths: readonly string[], flags: CompareFlags): Promise<void> {
  const { pairing, pairByIndex, metric, confidenceLevel, nBootstrap, ...rest } = flags;
  if (pairByIndex && pairing === "legacy")
    throw new UsageError("--pair-by-index and --pairing legacy exclude each other");
  const stderr = new Stderr();
  const files: ResultRows[] = [];
  for (const path of paths) {
    const file = await readResultRows(path, { columns: [] });
    warnAboutFile(file, stderr);
    files.push(file);
  }
  const set = compareAgainstFirst(files, {
    ...rest,
    pairing: pairByIndex ? "index" : pairing,
    confidence: confidenceLevel,
    resamples: nBootstrap,
    ...(metric && { metrics: metric }),
  });
  printComparisons(set, flags);
}
