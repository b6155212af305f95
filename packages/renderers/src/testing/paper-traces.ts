import { HAS_SHARED, readShared } from "@pka/fault-kit";

/** What the tests here read of a row of a published result file. */
export interface TraceRow {
  readonly raw_prediction: string;
  readonly num_tokens: number;
}

/** The rows of a published result file; none where there is no reference data. */
export function readTrace(name: string): readonly TraceRow[] {
  if (!HAS_SHARED) return [];
  return (JSON.parse(readShared(`paper-traces/${name}.json.gz`).toString()) as { results: TraceRow[] }).results;
}

export const STRATEGYQA = "StrategyQA/gpt-oss-20b/strategyqa_gptoss20b_no_cues_with_thinking";
export const NQ_NO_THINKING = "NQ/gpt-oss-20b/nq_gptoss20b_no_cues_no_thinking";
