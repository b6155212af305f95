import { join } from "node:path";
import { loadDataset } from "@pka/datasets";
import { resultFileName } from "@pka/harness";
import { MODELS, parseModelId } from "@pka/models";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { table } from "./format.js";
import type { EvalOptions } from "./run-evaluation.js";
import { Stderr } from "./stderr.js";
import { printJson } from "./print-json.js";

/** `pka eval --dry-run`: what would be asked and where it would be written. No model is asked. */
export async function printPlan(options: EvalOptions): Promise<number> {
  const { cues, thinking, samples, inferenceName } = options;
  const { id, fileName, provider } = parseModelId(options.model);
  const thinkingModes = MODELS.find((model) => model.provider === provider)?.thinkingModes ?? [true];
  const plans = [];
  for (const name of options.dataset) {
    const { split, examples } = await loadDataset(name, {
      ...options,
      hub: readEnvironment().hub,
      logger: new Stderr(),
    });
    const resultName = resultFileName({
      dataset: name,
      model: { fileName, thinkingModes },
      checkpointName: inferenceName,
      cues,
      thinking,
    });
    plans.push({
      dataset: name,
      split,
      questions: examples.length,
      samples,
      resultPath: join(options.outputDir, resultName),
    });
  }
  if (options.json) {
    printJson({ schema: 1, command: "eval", dryRun: true, model: id, plans });
    return EXIT.done;
  }
  const rows = plans.map(({ dataset, split, questions, resultPath }) => [
    dataset,
    split,
    `${questions} × ${samples}`,
    resultPath,
  ]);
  console.log(`${id}, cues ${cues ? "yes" : "no"}, thinking ${thinking ? "yes" : "no"}; nothing was asked`);
  console.log(table(["dataset", "split", "questions × samples", "result file"], rows));
  return EXIT.done;
}
