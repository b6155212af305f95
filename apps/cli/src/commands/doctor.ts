import { Command } from "@commander-js/extra-typings";
import { collect, httpUrl } from "../parse-options.js";

export function doctorCommand(finish: (exitCode: number) => void) {
  return new Command("doctor")
    .description(
      "Check this machine: Node, the embedded engine, the clock, keys (never printed), servers, the dataset cache, disk space.",
    )
    .option("--base-url <url>", "also check this OpenAI-compatible server; repeatable", collect(httpUrl))
    .option("--output-dir <folder>", "the folder to check for writing", "results")
    .option("--offline", "ask no server")
    .option("--json", "print one JSON document instead of a table")
    .addHelpText(
      "after",
      "\nExamples:\n  pka doctor\n  pka doctor --base-url http://127.0.0.1:8000/v1\n  pka doctor --offline",
    )
    .action(async (options) => {
      const { runDoctor } = await import("../run-doctor.js");
      finish(await runDoctor(options));
    });
}
