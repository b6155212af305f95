/** The published result files at hand, as paths below the folder of reference data. */
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
