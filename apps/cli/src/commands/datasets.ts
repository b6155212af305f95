import { Command } from "@commander-js/extra-typings";

export function datasetsCommand(finish: (exitCode: number) => void) {
  const command = new Command("datasets")
    .description("List the datasets, or fetch them ahead of a run.")
    .option("--json", "print one JSON document instead of a table")
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const { listDatasets } = await import("../list-datasets.js");
      listDatasets(options);
    });
  command
    .command("fetch")
    .description("Download datasets into the cache, so that later runs need no network.")
    .argument("<name...>", "datasets to fetch")
    .option("--split <name>", "another split than the paper's")
    .option("--data-dir <folder>", "local dataset files, used in place of a download")
    .action(async (names, options) => {
      const { fetchDatasets } = await import("../fetch-datasets.js");
      finish(await fetchDatasets(names, options));
    });
  return command;
}

const EXAMPLES = `
Examples:
  pka datasets
  pka datasets --json
  pka datasets fetch triviaqa hotpotqa math`;
