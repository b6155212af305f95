import { Command } from "@commander-js/extra-typings";

export function modelsCommand() {
  return new Command("models")
    .description("List what --model takes, and what each model needs.")
    .option("--json", "print one JSON document instead of a table")
    .addHelpText("after", "\nExamples:\n  pka models\n  pka models --json")
    .action(async (options) => {
      const { listModels } = await import("../list-models.js");
      listModels(options);
    });
}
