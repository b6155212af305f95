import { Command } from "@commander-js/extra-typings";

export function repairCommand(finish: (exitCode: number) => void) {
  return new Command("repair")
    .description("Make damaged journals whole again: keep every good record, say what was lost, keep the old file.")
    .argument("<files...>", "journals (.jsonl), or the result files beside them")
    .option("--dry-run", "say what would be done, change nothing")
    .option("--header-from <journal>", "take a lost header from another journal of the same command")
    .option("--rebuild", "write the result file anew from the journal; the model is not asked")
    .option("--data-dir <folder>", "local dataset files for --rebuild, as for pka eval")
    .option("--json", "print one JSON document instead of text")
    .addHelpText("after", EXAMPLES)
    .action(async (files, options) => {
      const { runRepair } = await import("../run-repair.js");
      finish(await runRepair(files, options));
    });
}

const EXAMPLES = `
Examples:
  pka repair results/nq_gpt52_no_cues.jsonl
  pka repair results/*.jsonl --dry-run
  pka repair results/nq_gpt52_no_cues.json --rebuild
  pka repair results/nq_gpt52_no_cues.jsonl --header-from elsewhere/nq_gpt52_no_cues.jsonl

The old journal is kept as <name>.jsonl.bak-<time>. Rows that were lost are asked by the same pka eval or pka refine as before.`;
