import type { ReportMetric, ReportRun, RowOutcome } from "./report-data.js";

/** Of the paper's files, in the paper's order; others follow by name. */
const DATASET_TITLES: Readonly<Record<string, string>> = {
  triviaqa: "TriviaQA",
  nq: "Natural Questions",
  hotpotqa: "HotpotQA",
  simpleqa: "SimpleQA",
  strategyqa: "StrategyQA",
  math: "MATH",
  smallworld: "Small world",
};

const MODEL_TITLES: Readonly<Record<string, string>> = {
  gpt52: "GPT-5.2",
  gptoss20b: "gpt-oss-20b",
  olmo3: "Olmo-3-7B-Think",
  r1qwen: "R1-Distill-Qwen-1.5B",
};

export const METRIC_TITLES: Readonly<Record<ReportMetric, string>> = {
  recall: "Recall",
  exactMatch: "Exact match",
  refinedRecall: "Refined recall",
  accuracy: "Accuracy",
};

export const OUTCOME_TITLES: Readonly<Record<RowOutcome, string>> = {
  answered: "answered",
  empty: "empty",
  truncated: "cut in the answer",
  "truncated-thinking": "cut while thinking",
  refused: "refused",
  unparsed: "no answer found",
  error: "error",
  "not-asked": "not asked",
};

export function datasetTitle(dataset: string): string {
  return Object.hasOwn(DATASET_TITLES, dataset) ? DATASET_TITLES[dataset]! : dataset || "unnamed";
}

export function modelTitle(model: string): string {
  return Object.hasOwn(MODEL_TITLES, model) ? MODEL_TITLES[model]! : model || "unnamed";
}

/** The condition in words: `no cues, with thinking`. */
export function conditionTitle({ cues, thinking }: Pick<ReportRun, "cues" | "thinking">): string {
  const parts = [];
  if (cues !== null) parts.push(cues ? "cues" : "no cues");
  if (thinking !== null) parts.push(thinking ? "thinking" : "no thinking");
  return parts.join(", ");
}

/** Model, checkpoint and condition in words: what tells a run from the others of its dataset. */
export function runTitle(run: Pick<ReportRun, "model" | "checkpoint" | "cues" | "thinking">): string {
  const model = run.checkpoint === null ? modelTitle(run.model) : `${modelTitle(run.model)} ${run.checkpoint}`;
  const condition = conditionTitle(run);
  return condition === "" ? model : `${model}, ${condition}`;
}

/** Known datasets and models first, in the paper's order, then the others by name; within a model the base, then the checkpoint `sft`. */
export function compareRuns(
  a: Pick<ReportRun, "dataset" | "model" | "checkpoint" | "cues" | "thinking">,
  b: Pick<ReportRun, "dataset" | "model" | "checkpoint" | "cues" | "thinking">,
): number {
  return (
    compareNames(a.dataset, b.dataset, Object.keys(DATASET_TITLES)) ||
    compareNames(a.model, b.model, Object.keys(MODEL_TITLES)) ||
    compareNames(a.checkpoint ?? "", b.checkpoint ?? "", ["", "sft"]) ||
    Number(a.cues) - Number(b.cues) ||
    Number(a.thinking) - Number(b.thinking)
  );
}

function compareNames(a: string, b: string, known: readonly string[]): number {
  const rank = (name: string) => (known.includes(name) ? known.indexOf(name) : known.length);
  return rank(a) - rank(b) || (a < b ? -1 : Number(a > b));
}
