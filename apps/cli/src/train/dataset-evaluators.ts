import { rmSync } from "node:fs";
import { join } from "node:path";
import { loadDataset } from "@pka/datasets";
import { evaluate } from "@pka/harness";
import { samplingModel } from "@pka/models";
import type { TrainingRenderer } from "@pka/renderers";
import type { RlEvaluator } from "@pka/train-rl";
import type { DataContext } from "./training-data.js";

interface Options {
  readonly renderer: TrainingRenderer;
  readonly maxTokens: number;
  readonly runFolder: string;
  /** Of this process. What a process that died evaluated after it was another policy's, and is evaluated anew. */
  readonly firstStep: number;
  readonly dataDir: string | undefined;
  readonly limit: number | undefined;
  readonly seed: number | undefined;
  readonly context: DataContext;
}

/** One evaluator per dataset: a whole evaluation of the policy, with its result file, in `eval_<dataset>/<step>` of the run folder. */
export async function datasetEvaluators(names: readonly string[], options: Options): Promise<RlEvaluator[]> {
  const { renderer, maxTokens, runFolder, firstStep, dataDir, limit, seed, context } = options;
  const { environment, logger, signal } = context;
  const datasets = [];
  for (const name of names) {
    datasets.push(await loadDataset(name, { dataDir, limit, hub: environment.hub, logger, signal }));
  }
  return datasets.map((dataset) => ({
    name: `eval_${dataset.name}`,
    async evaluate(client, step) {
      const model = samplingModel({
        id: "policy",
        fileName: "policy",
        client,
        renderer,
        maxTokens: { qa: maxTokens, math: maxTokens },
        settings: { step },
      });
      const outputDir = join(runFolder, `eval_${dataset.name}`, String(step).padStart(6, "0"));
      if (step > firstStep) rmSync(outputDir, { recursive: true, force: true });
      const sampling = { temperature: 1, topP: 1 };
      const { summary } = await evaluate({
        dataset,
        model,
        cues: false,
        thinking: true,
        sampling,
        seed,
        outputDir,
        logger,
      });
      const rates = Object.entries(summary.metrics).map(([name, { rateOfAll }]) => [name, rateOfAll] as const);
      return { metrics: { ...Object.fromEntries(rates), errors: summary.outcomes.error, rows: summary.total } };
    },
  }));
}
