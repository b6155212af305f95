import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readShared, SHARED } from "../packages/fault-kit/src/files/shared-data.js";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A published result file at hand; `undefined` for one that is not. */
export function traceOf(file: string): string | undefined {
  const path = join(SHARED, "paper-traces", `${file}.gz`);
  return existsSync(path) ? path : undefined;
}

/** What the published files say of themselves, by their path below the paper's `results` folder. */
export interface PublishedFile {
  readonly file: string;
  readonly rows: number;
  readonly kind: "base" | "ex";
  /** Of an `ex_` file. */
  readonly recalled?: number;
  readonly aggregate_metrics?: {
    readonly exact_match_successes: number;
    readonly recall_successes: number;
    readonly avg_tokens_per_response: number;
  };
}

export function publishedFiles(): PublishedFile[] {
  return JSON.parse(readShared("vectors/aggregates.json").toString()).files;
}

/** McNemar's tests that the paper's script makes of two published files, paired by question. */
export interface PublishedTest {
  readonly file1: string;
  readonly file2: string;
  readonly metric: "recall" | "exact_match";
  readonly pairing: "question" | "index";
  readonly kind: "base" | "ex" | "mixed";
  readonly b: number;
  readonly c: number;
  readonly p_value: number;
}

export function publishedTests(): PublishedTest[] {
  return JSON.parse(readShared("vectors/mcnemar.json").toString()).real_pairs;
}
