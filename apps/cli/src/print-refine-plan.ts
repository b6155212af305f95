import { planRefinement, type RefineSelection } from "@pka/harness";
import { parseModelId } from "@pka/models";
import { EXIT } from "./exit-codes.js";
import { table } from "./format.js";
import { printable } from "./stderr.js";
import { printJson } from "./print-json.js";

/** `pka refine --dry-run`: what would be asked and where it would be written. No judge is asked. */
export async function printRefinePlan(
  targets: readonly string[],
  options: Omit<RefineSelection, "sourcePath"> & { readonly model: string; readonly json?: true },
): Promise<number> {
  const { id } = parseModelId(options.model);
  const plans = await Promise.all(targets.map((sourcePath) => planRefinement({ ...options, sourcePath })));
  if (options.json) {
    printJson({ schema: 1, command: "refine", dryRun: true, judge: id, plans });
    return EXIT.done;
  }
  const rows = plans.map((plan) => [
    printable(plan.sourcePath),
    String(plan.rows),
    String(plan.skipped),
    String(plan.requests),
    printable(plan.resultPath),
  ]);
  console.log(`judge ${id}; nothing was asked; requests that a journal has answered already are counted too`);
  console.log(table(["file", "rows", "skipped", "requests", "refined file"], rows));
  return EXIT.done;
}
