import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** Reference data that is no part of the project; tests that need it are skipped, saying so, where it is absent. */
export const SHARED = process.env["PKA_SHARED"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
export const HAS_SHARED = existsSync(SHARED);
export const SKIPPED = HAS_SHARED ? "" : " (skipped: PKA_SHARED not found)";

export function readShared(path: string): Buffer {
  const bytes = readFileSync(`${SHARED}/${path}`);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The published result files at hand, as paths below the shared folder. */
export const PAPER_TRACES = [
  "NQ/gpt-5.2/nq_gpt52_no_cues",
  "NQ/gpt-oss-20b/nq_gptoss20b_no_cues_no_thinking",
  "NQ/r1-distill-qwen-1.5b/nq_r1qwen_no_cues_no_thinking",
  "StrategyQA/gpt-oss-20b/strategyqa_gptoss20b_no_cues_with_thinking",
].map((name) => `paper-traces/${name}.json.gz`);

/** The published files of refined answers at hand. */
export const PAPER_EX_TRACES = [
  "NQ/gpt-5.2/ex_nq_gpt52_no_cues",
  "NQ/gpt-oss-20b/ex_nq_gptoss20b_no_cues_no_thinking",
  "NQ/r1-distill-qwen-1.5b/ex_nq_r1qwen_no_cues_no_thinking",
  "SimpleQA/gpt-oss-20b/ex_simpleqa_gptoss20b_no_cues_with_thinking",
  "SimpleQA/gpt-oss-20b/ex_simpleqa_gptoss20b_reasoningsft_no_cues_with_thinking",
].map((name) => `paper-traces/${name}.json.gz`);
