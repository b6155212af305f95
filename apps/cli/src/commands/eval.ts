import { Command, Option } from "@commander-js/extra-typings";
import {
  calendarDate,
  collect,
  collectOutcomes,
  httpUrl,
  integerFrom,
  numberBetween,
  withLimits,
  yesNoOption,
} from "../parse-options.js";

/** The five datasets that the original's `--dataset all` stands for. */
const ALL = ["triviaqa", "nq", "hotpotqa", "simpleqa", "strategyqa"];

export function evalCommand(finish: (exitCode: number) => void) {
  const command = new Command("eval")
    .description("Ask a model the questions of a dataset, grade the answers, write a result file.")
    .addHelpText("after", EXAMPLES)
    .requiredOption("--model <id>", "the model to ask; see pka models")
    .requiredOption(
      "--dataset <name>",
      "a dataset of pka datasets, or all (the five QA sets of the paper); repeatable",
      collect((name) => name),
    )
    .addOption(yesNoOption("--cues <yes|no>", "tell the model to think step by step", false))
    .addOption(yesNoOption("--thinking <yes|no>", "let the model think before it answers", true))
    .option("--temperature <number>", "sampling temperature, 0 = greedy", numberBetween(0, 100), 0.6)
    .option("--top-p <number>", "nucleus sampling, in (0, 1]", numberBetween(0, 1, { above: true }), 0.95)
    .option("--output-dir <folder>", "where result files go", "results")
    .option("--checkpoint-uri <uri>", "evaluate this checkpoint instead of the base model (Tinker)")
    .option("--inference-name <name>", "the checkpoint's name in the result file's name")
    .option("--data-dir <folder>", "local dataset files: NQ/…, StrategyQA/…, SimpleQA/…, hub/…")
    .option("--split <name>", "another split than the paper's")
    .option("--limit <n>", "only the first n questions (after --offset)", integerFrom(1))
    .option("--offset <n>", "skip the first n questions", integerFrom(0))
    .option("--samples <n>", "answers to draw for each question", integerFrom(1), 1)
    .option("--concurrency <n>", "questions in flight at once", integerFrom(1), 16)
    .option("--seed <n>", "seed of the draws, where the provider takes one", integerFrom(0))
    .option(
      "--base-url <url>",
      "address of the model's server: OpenAI-compatible (repeatable), OpenAI or Tinker",
      collect(httpUrl),
    )
    .addOption(
      new Option(
        "--renderer <name>",
        "prompt format of an OpenAI-compatible server (chat is its own template); developer: of gpt-oss as documented today",
      ).choices(["chat", "olmo", "r1", "developer"] as const),
    )
    .option(
      "--date <YYYY-MM-DD>",
      "date in the prompts of gpt-oss (default: today's, or that of the run continued)",
      calendarDate,
    )
    .option("--max-errors <n>", "stop once this many questions failed", integerFrom(1));
  return withLimits(command, "answers, of all datasets")
    .option(
      "--retry <outcomes>",
      "of an earlier run, ask the rows again that ended so, and no others: error, empty, truncated, …, separated by commas",
      collectOutcomes,
    )
    .option("--overwrite", "start anew where a run of another condition has written before")
    .option("--dry-run", "print what would be asked, ask nothing")
    .option("--json", "print one JSON document instead of a table")
    .action(async (options) => {
      const { runEval } = await import("../run-eval.js");
      finish(await runEval({ ...options, dataset: expandAll(options.dataset) }));
    });
}

function expandAll(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => (name === "all" ? ALL : [name])))];
}

const EXAMPLES = `
Examples:
  pka eval --model tiny --dataset smallworld --thinking no
  pka eval --model tiny --dataset nq --limit 200 --data-dir data
  pka eval --model gpt-5.2 --dataset all --budget-usd 20 --output-dir results/gpt-5.2
  pka eval --model olmo-3-7b-think --dataset triviaqa --cues yes --base-url http://127.0.0.1:8000/v1
  pka eval --model gpt-oss-20b --dataset nq --temperature 1 --top-p 1
  pka eval --model gpt-oss-20b --dataset nq --checkpoint-uri tinker://<run>/weights/<name> --inference-name step100
  pka eval --model hf:onnx-community/Qwen3-0.6B-ONNX --dataset simpleqa --limit 50
  pka eval --model gpt-5.2 --dataset nq --retry empty,refused

The same command resumes an interrupted run; what was answered is not asked again, what failed is.
Flags may be spelled with _ or -: --top_p 1 is --top-p 1.`;
