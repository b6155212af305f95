import { Command, Option } from "@commander-js/extra-typings";
import { collect, integerFrom, metricFlag, numberBetween } from "../parse-options.js";

export function compareCommand() {
  return new Command("compare")
    .description(
      "Compare result files on the same questions: McNemar's test and a bootstrap interval. Several files: each against the first.",
    )
    .argument("<first>", "a result file, an ex_ file, a JSON list or JSON Lines; also gzipped")
    .argument("<others...>", "the files to compare with it")
    .option("--metric <name>", "compare only recall, exact_match or correct; repeatable", collect(metricFlag))
    .addOption(
      new Option(
        "--pairing <way>",
        "occurrence: k-th row of a question with its k-th; index: row by row; legacy: the paper's",
      )
        .choices(["occurrence", "index", "legacy"] as const)
        .default("occurrence" as const),
    )
    .option("--pair-by-index", "the paper's name for --pairing index")
    .addOption(
      new Option("--unanswered <how>", "rows without an answer: wrong, as the paper counts, or drop")
        .choices(["wrong", "drop"] as const)
        .default("wrong" as const),
    )
    .option("--alpha <number>", "significance level", numberBetween(0, 1, { above: true }), 0.05)
    .option("--confidence-level <number>", "of the intervals", numberBetween(0, 1, { above: true }), 0.95)
    .option("--n-bootstrap <n>", "resamples of the bootstrap", integerFrom(1), 10_000)
    .addOption(
      new Option("--bootstrap <method>", "kind of bootstrap interval")
        .choices(["percentile", "bca"] as const)
        .default("percentile" as const),
    )
    .option("--seed <n>", "seed of the bootstrap", integerFrom(0), 0)
    .option("--mid-p", "show McNemar's mid-p beside the paper's choice of test")
    .option("--json", "print one JSON document instead of tables")
    .addHelpText("after", EXAMPLES)
    .action(async (first, others, options) => {
      const { runCompare } = await import("../run-compare.js");
      await runCompare([first, ...others], options);
    });
}

const EXAMPLES = `
Examples:
  pka compare results/nq_gpt52_no_cues.json results/nq_gptoss20b_no_cues_no_thinking.json
  pka compare base.json sft.json rl.json --metric recall
  pka compare ex_a.json ex_b.json --n-bootstrap 100000 --seed 1 --mid-p
  pka compare a.json.gz b.json.gz --json`;
