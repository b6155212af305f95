import { Command } from "@commander-js/extra-typings";
import { integerFrom } from "../parse-options.js";

export function demoCommand(finish: (exitCode: number) => void) {
  return new Command("demo")
    .description("Evaluate the embedded model on its small world, with and without thinking: no key, no network.")
    .option("--seed <n>", "seed of the draws", integerFrom(0), 0)
    .option("--output-dir <folder>", "where result files go", "results")
    .option("--json", "print one JSON document instead of a table")
    .addHelpText("after", "\nExamples:\n  pka demo\n  pka demo --seed 1 --output-dir results/seed-1")
    .action(async (options) => {
      const { runDemo } = await import("../run-demo.js");
      finish(await runDemo(options));
    });
}
