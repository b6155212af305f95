import { Command } from "@commander-js/extra-typings";

export function thinkingCommand(finish: (exitCode: number) => void) {
  return new Command("thinking")
    .description("Measure how long the completions in result files think, and how that relates to being right.")
    .argument("[file or folder]", "a result file, or a folder of them; by default --results-dir")
    .option("--results-dir <folder>", "what to read where no file or folder is named", "results")
    .option(
      "--model-type <name>",
      "gpt-oss-20b, olmo (olmo-3-7b-think) or r1-qwen (r1-distill-qwen-1.5b); by default what each file's name tells",
    )
    .option("--tokenizer <folder or hub id>", "count with this tokenizer instead of the model's own")
    .option("--no-tokenizer", "count characters")
    .option("--output <file>", "write the averages as JSON, by file, as the paper's script does")
    .option("--json", "print one JSON document instead of tables")
    .addHelpText("after", EXAMPLES)
    .action(async (input, { resultsDir, ...options }) => {
      const { runThinking } = await import("../run-thinking.js");
      finish(await runThinking(input ?? resultsDir, options));
    });
}

const EXAMPLES = `
Examples:
  pka thinking results/TriviaQA/gpt-oss-20b/triviaqa_gptoss20b_no_cues_with_thinking.json
  pka thinking results/ --output thinking_stats.json
  pka thinking results/ --no-tokenizer
  pka thinking nq_olmo3_no_cues_with_thinking.json --tokenizer models/Olmo-3-7B-Think

gpt-oss needs nothing. The tokenizers of Olmo and R1 are taken from the hub's cache, or downloaded once.
A file of refined answers (ex_…) beside a result file decides what is right.`;
