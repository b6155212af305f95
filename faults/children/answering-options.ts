import type { EvaluateOptions } from "@pka/harness";
import { completion, modelOf, optionsOf, qaExamples } from "../../packages/harness/src/__fixtures__/run.js";

/** An evaluation of `nq/0` …, whose model thinks the same before every answer, answers at once, and is right. */
export function answeringOptions(outputDir: string, count: number, thinking: string): EvaluateOptions {
  const model = modelOf(({ question }) =>
    completion(`${thinking}<answer>${question.replace("question", "answer")}</answer>`),
  );
  return optionsOf(outputDir, qaExamples(count), model);
}
