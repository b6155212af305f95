import { Command, Option } from "@commander-js/extra-typings";
import { numberBetween } from "../parse-options.js";

export function gradeCommand() {
  return new Command("grade")
    .description(
      "Grade the answers of result files with every grader, without asking a model. Several files: does the conclusion depend on the grader?",
    )
    .argument("<files...>", "result files of pka eval or of the paper's evaluation scripts; also gzipped")
    .addOption(
      new Option(
        "--extraction <rule>",
        "how the evaluation took answers; by default the rule that reproduces the file's own",
      ).choices(["answer-tags", "before-close-tag"] as const),
    )
    .option("--alpha <number>", "significance level", numberBetween(0, 1, { above: true }), 0.05)
    .option("--confidence-level <number>", "of the intervals", numberBetween(0, 1, { above: true }), 0.95)
    .option("--json", "print one JSON document, with the rows on which graders disagree")
    .addHelpText("after", EXAMPLES)
    .action(async (files, options) => {
      const { runGrade } = await import("../run-grade.js");
      await runGrade(files, options);
    });
}

const EXAMPLES = `
Examples:
  pka grade results/nq_gptoss20b_no_cues_no_thinking.json
  pka grade base.json sft.json
  pka grade results/math_olmo3_no_cues_with_thinking.json --json`;
