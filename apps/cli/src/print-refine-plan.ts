import { planRefinement, type RefineSelection } from "@pka/harness";
import { parseModelId, tokenLimits } from "@pka/models";
import { describeEstimate, describeSpend, dollars, range } from "./describe-spend.js";
import { EXIT } from "./exit-codes.js";
import { table } from "./format.js";
import type { ModelOptions } from "./open-model.js";
import { printJson } from "./print-json.js";
import type { Spending } from "./spending.js";
import { printable } from "./stderr.js";

type Options = Omit<RefineSelection, "sourcePath"> &
  Pick<ModelOptions, "model" | "renderer"> & {
    readonly thinking: boolean;
    readonly overwrite?: true;
    readonly json?: true;
  };

/** `pka refine --dry-run`: what would be asked, where it would be written and what it would take. No judge is asked. */
export async function printRefinePlan(
  targets: readonly string[],
  options: Options,
  spending: Spending,
): Promise<number> {
  const { id } = parseModelId(options.model);
  const limits = limitsOf(options);
  const { price } = spending;
  const plans = await Promise.all(
    targets.map((sourcePath) => planRefinement({ ...options, sourcePath, price, limits })),
  );
  if (options.json) {
    printJson({ schema: 1, command: "refine", dryRun: true, judge: id, price: price ?? null, plans });
    return EXIT.done;
  }
  const rows = plans.map(({ estimate, ...plan }) => [
    printable(plan.sourcePath),
    String(plan.rows),
    String(plan.skipped),
    String(plan.requests),
    String(plan.answered),
    estimate.costUsd === null ? "–" : range(estimate.costUsd, dollars),
    printable(plan.resultPath),
  ]);
  console.log(`judge ${id}; nothing was asked`);
  const head = ["file", "rows", "skipped", "requests", "answered", "cost"];
  console.log(table([...head, "refined file"], rows));
  for (const { sourcePath, spent, estimate } of plans) {
    console.log(`${printable(sourcePath)}: ${describeEstimate(estimate)}`);
    const before = describeSpend(spent);
    if (before !== undefined) console.log(`${printable(sourcePath)}: spent before: ${before}`);
  }
  if (price !== undefined) console.log(`price of ${price.asOf}: ${price.source}`);
  return EXIT.done;
}

/** Of the judge's answers; how long its prompts are, the file tells. */
function limitsOf({ model, thinking, renderer }: Options) {
  const ask = { task: "prompt", question: "", cues: false, thinking } as const;
  const { promptCharacters: _, ...limits } = tokenLimits(
    parseModelId(model),
    ask,
    renderer === "developer" ? undefined : renderer,
  );
  return limits;
}
