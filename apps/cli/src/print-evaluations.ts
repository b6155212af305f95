import { OUTCOMES } from "@pka/core";
import type { EvaluationReport } from "@pka/harness";
import { percent, percentInterval, table } from "./format.js";
import { printJson } from "./print-json.js";

/** One evaluation: what was asked and what came of it. */
export interface Evaluation {
  readonly model: string;
  readonly dataset: string;
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly report: EvaluationReport;
}

const METRIC_TITLES = { exactMatch: "exact match", recall: "recall", accuracy: "accuracy" } as const;

/** Results to stdout: a table for people, or one JSON document of a stable schema. */
export function printEvaluations(command: "eval", evaluations: readonly Evaluation[], asJson: boolean): void {
  if (asJson) {
    printJson({ schema: 1, command, evaluations });
    return;
  }
  const head = ["dataset", "cues", "thinking", "rows", "metric", "rate", "of answered", "95 % interval", "tokens"];
  console.log(table(head, evaluations.flatMap(rowsOf)));
  for (const evaluation of evaluations) {
    const { dataset, thinking, report } = evaluation;
    const label = evaluations.length > 1 ? `${dataset}, thinking ${yesNo(thinking)}: ` : "";
    const missing = OUTCOMES.filter((outcome) => outcome !== "answered" && report.summary.outcomes[outcome] > 0);
    if (missing.length > 0) {
      const counts = missing.map((outcome) => `${report.summary.outcomes[outcome]} ${outcome}`).join(", ");
      console.log(`${label}of ${report.summary.total} rows: ${counts}; "rate" counts them as the paper does`);
    }
    console.log(`${label}${report.resultPath}`);
  }
}

/** One line per metric; what was asked stands in the first only. */
function rowsOf({ dataset, cues, thinking, report: { summary } }: Evaluation): string[][] {
  return Object.entries(summary.metrics).map(([name, { rateOfAll, rateOfCompleted, interval }], i) => {
    const asked = i === 0 ? [dataset, yesNo(cues), yesNo(thinking), String(summary.total)] : ["", "", "", ""];
    return [
      ...asked,
      METRIC_TITLES[name as keyof typeof METRIC_TITLES],
      percent(rateOfAll),
      rateOfCompleted === null ? "–" : percent(rateOfCompleted),
      interval === null ? "–" : percentInterval(interval),
      i === 0 && summary.avgTokens !== null ? summary.avgTokens.toFixed(1) : "",
    ];
  });
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
