import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** Reference data that is no part of the project; tests that need it are skipped, saying so, where it is absent. */
const SHARED = process.env["PKA_SHARED"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
export const HAS_SHARED = existsSync(SHARED);
export const SKIPPED = HAS_SHARED ? "" : " (skipped: PKA_SHARED not found)";

/** What the tests here read of a row of a published result file. */
export interface TraceRow {
  readonly raw_prediction: string;
  readonly num_tokens: number;
}

/** The rows of a published result file; none where there is no reference data. */
export function readTrace(name: string): readonly TraceRow[] {
  if (!HAS_SHARED) return [];
  const bytes = gunzipSync(readFileSync(`${SHARED}/paper-traces/${name}.json.gz`));
  return (JSON.parse(bytes.toString()) as { results: TraceRow[] }).results;
}

export const STRATEGYQA = "StrategyQA/gpt-oss-20b/strategyqa_gptoss20b_no_cues_with_thinking";
export const NQ_NO_THINKING = "NQ/gpt-oss-20b/nq_gptoss20b_no_cues_no_thinking";
