import type { Model } from "@pka/core";
import { DATASETS, type LoadedDataset } from "@pka/datasets";
import { type EvaluationPlan, planEvaluation } from "@pka/harness";
import { parseModelId, tokenLimits } from "@pka/models";
import type { ModelOptions } from "./open-model.js";
import type { Spending } from "./spending.js";

/** The flags that decide what is asked and where it goes. */
interface PlanFlags extends Pick<ModelOptions, "model" | "renderer" | "inferenceName"> {
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly samples: number;
  readonly outputDir: string;
  readonly overwrite?: true;
}

/** What one evaluation of `pka eval` would do and cost. Answers of the model about any dataset tell how long its answers are. */
export function planRun(
  dataset: LoadedDataset,
  model: Pick<Model, "fileName" | "thinkingModes">,
  options: PlanFlags,
  { price }: Spending,
): Promise<EvaluationPlan> {
  const { cues, thinking, inferenceName, renderer } = options;
  const spec = parseModelId(options.model);
  const format = renderer === "developer" ? undefined : renderer;
  return planEvaluation({
    ...options,
    dataset,
    model,
    checkpointName: inferenceName,
    price,
    expectTokens: ({ task, question }) => tokenLimits(spec, { task, question, cues, thinking }, format),
    pilots: Object.keys(DATASETS),
  });
}
