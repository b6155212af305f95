import { Command, Option } from "@commander-js/extra-typings";
import { integerFrom, numberBetween } from "../parse-options.js";

export function reportCommand(finish: (exitCode: number) => void) {
  return new Command("report")
    .description(
      "Turn a folder of result files or training runs into one HTML file: tables, differences, curves, every single answer.",
    )
    .argument("<folder>", "a folder of result files, or of a training run, read with everything below it")
    .option("--output <file>", "where the report goes, - for stdout; default report.html, stdout for other formats")
    .addOption(
      new Option("--format <name>", "html, or the same figures as Markdown, CSV or JSON")
        .choices(["html", "md", "csv", "json"] as const)
        .default("html" as const),
    )
    .option("--title <text>", "the report's title; default: the folder's name")
    .option("--max-chars <n>", "cut texts of answers here, in characters (html)", integerFrom(100), 4000)
    .option("--max-mb <n>", "cut them further until the file is about this small (html)", numberBetween(1, 2000), 24)
    .option("--json", "print what was written as one JSON document")
    .addHelpText("after", EXAMPLES)
    .action(async (folder, options) => {
      const { runReport } = await import("../run-report.js");
      finish(await runReport(folder, options));
    });
}

const EXAMPLES = `
Examples:
  pka report results
  pka report results --output paper.html --title "Thinking and recall"
  pka report results --format md
  pka report results --format csv --output results.csv
  pka report runs/rl --output rl.html

A file that cannot be read is named and left out; the exit code is then 1.`;
