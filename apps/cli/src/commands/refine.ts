import { Command, Option } from "@commander-js/extra-typings";
import { collect, httpUrl, integerFrom, numberBetween, withLimits, yesNoOption } from "../parse-options.js";

/** The paper's judge. */
const JUDGE = "openai:gpt-5-mini-2025-08-07";

export function refineCommand(finish: (exitCode: number) => void) {
  const command = new Command("refine")
    .description("Have a judge make one answer of every extracted answer of result files, and grade it (Ex-Recall).")
    .addHelpText("after", EXAMPLES)
    .option("--target-files <file...>", "result files, as they are or within --results-dir")
    .option("--all", "every QA result below --results-dir; MATH is skipped")
    .option("--results-dir <folder>", "where result files are", "results")
    .option("--output-dir <folder>", "where ex_ files go (default: beside each result file)")
    .option("--start-index <n>", "ask about no row before this one, counted from 0", integerFrom(0))
    .option("--reuse", "ask about equal answers of a file once; their rows share the reply")
    .option("--model <id>", "the judge; see pka models", JUDGE)
    .addOption(yesNoOption("--thinking <yes|no>", "let the judge think before it answers", true))
    .option("--temperature <number>", "sampling temperature, where the judge takes one", numberBetween(0, 100), 0.6)
    .option(
      "--top-p <number>",
      "nucleus sampling, where the judge takes it",
      numberBetween(0, 1, { above: true }),
      0.95,
    )
    .option("--base-url <url>", "address of an OpenAI-compatible server; repeatable", collect(httpUrl))
    .addOption(
      new Option("--renderer <name>", "prompt format on such a server; chat is the server's own template").choices([
        "chat",
        "olmo",
        "r1",
      ] as const),
    )
    .option("--concurrency <n>", "answers in flight at once", integerFrom(1), 16)
    .option("--max-errors <n>", "stop once this many requests of a file failed", integerFrom(1));
  return withLimits(command, "replies, of all files")
    .option("--overwrite", "start anew where another judge or the paper's script has written before")
    .option("--dry-run", "print what would be asked, ask nothing")
    .option("--json", "print one JSON document instead of a table")
    .action(async (options) => {
      const { runRefine } = await import("../run-refine.js");
      finish(await runRefine(options));
    });
}

const EXAMPLES = `
Examples:
  pka refine --target-files results/nq_gpt52_no_cues.json
  pka refine --all --results-dir results --budget-usd 20
  pka refine --all --dry-run
  pka refine --target-files nq_olmo3_no_cues_with_thinking.json --results-dir results/NQ/olmo-3-7b-think --start-index 500
  pka refine --all --model vllm:Qwen/Qwen3-8B --base-url http://127.0.0.1:8000/v1 --output-dir results/refined-by-qwen

Writes ex_<name>.json as the paper's script does, and its journal .jsonl. The same command resumes an interrupted run; answers that
got a reply are never asked again, failed ones are. Flags may be spelled with _ or -.`;
