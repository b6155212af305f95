import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The paper's published files and what is known of them. No part of the project. */
const SHARED = process.env["PKA_SHARED"] ?? join(ROOT, "../shared");
export const HAS_SHARED = existsSync(join(SHARED, "paper-traces"));

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
  return JSON.parse(readFileSync(join(SHARED, "vectors/aggregates.json"), "utf8")).files;
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
  return JSON.parse(readFileSync(join(SHARED, "vectors/mcnemar.json"), "utf8")).real_pairs;
}
