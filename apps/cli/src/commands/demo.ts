import { Command, Option } from "@commander-js/extra-typings";
import { integerFrom } from "../parse-options.js";

/** Steps of reinforcement learning. */
const STEPS = 60;

export function demoCommand(finish: (exitCode: number) => void) {
  return new Command("demo")
    .description(
      "The paper in miniature: train the embedded model on its small world, evaluate it, test the gain, write a report. No key, no network.",
    )
    .option("--seed <n>", "seed of training and draws", integerFrom(0), 0)
    .option("--seeds <n>", "run so many seeds, each in a folder of its own", integerFrom(1), 1)
    .option("--output-dir <folder>", "where result files and the report go", "results")
    .addOption(
      new Option("--loss <name>", "loss of reinforcement learning")
        .choices(["importance_sampling", "ppo", "cispo"] as const)
        .default("importance_sampling" as const),
    )
    .option("--lora-rank <n>", "train adapters of this rank by reinforcement learning, not all weights", integerFrom(1))
    .option("--steps <n>", "steps of reinforcement learning", integerFrom(1), STEPS)
    .option("--json", "print one JSON document instead of tables")
    .addHelpText(
      "after",
      "\nExamples:\n  pka demo\n  pka demo --seed 1 --loss ppo --output-dir results/ppo\n  pka demo --seeds 10 --output-dir results/seeds",
    )
    .action(async (options) => {
      const { runDemo } = await import("../run-demo.js");
      finish(await runDemo(options));
    });
}
