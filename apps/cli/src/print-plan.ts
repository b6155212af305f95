import { loadDataset } from "@pka/datasets";
import { MODELS, parseModelId } from "@pka/models";
import { describeEstimate, describeSpend, dollars, range } from "./describe-spend.js";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { table } from "./format.js";
import { planRun } from "./plan-run.js";
import { printJson } from "./print-json.js";
import type { EvalOptions } from "./run-evaluation.js";
import type { Spending } from "./spending.js";
import { Stderr } from "./stderr.js";

/** `pka eval --dry-run`: what would be asked, where it would be written and what it would take. No model is asked. */
export async function printPlan(options: EvalOptions, spending: Spending): Promise<number> {
  const { cues, thinking } = options;
  const { id, fileName, provider } = parseModelId(options.model);
  const thinkingModes = MODELS.find((model) => model.provider === provider)?.thinkingModes ?? [true];
  const plans = [];
  for (const name of options.dataset) {
    const dataset = await loadDataset(name, { ...options, hub: readEnvironment().hub, logger: new Stderr() });
    plans.push(await planRun(dataset, { fileName, thinkingModes }, options, spending));
  }
  const price = spending.price ?? null;
  if (options.json) {
    printJson({ schema: 1, command: "eval", dryRun: true, model: id, price, plans });
    return EXIT.done;
  }
  const rows = plans.map(({ dataset, split, questions, samples, resultPath, answered, estimate }) => [
    dataset,
    split,
    `${questions} × ${samples}`,
    String(answered),
    estimate.costUsd === null ? "–" : range(estimate.costUsd, dollars),
    resultPath,
  ]);
  console.log(`${id}, cues ${cues ? "yes" : "no"}, thinking ${thinking ? "yes" : "no"}; nothing was asked`);
  const head = ["dataset", "split", "questions × samples", "answered", "cost"];
  console.log(table([...head, "result file"], rows));
  for (const { dataset, spent, estimate } of plans) {
    console.log(`${dataset}: ${describeEstimate(estimate)}`);
    const before = describeSpend(spent);
    if (before !== undefined) console.log(`${dataset}: spent before: ${before}`);
  }
  if (price !== null) console.log(`price of ${price.asOf}: ${price.source}`);
  return EXIT.done;
}
