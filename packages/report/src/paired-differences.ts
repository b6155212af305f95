import type { LoadedRun } from "./loaded-run.js";
import { adjustFamily, pairedDifference, type UntestedDifference } from "./paired-difference.js";
import { type DifferenceKind, REPORT_METRICS, type ReportDifference, type ReportMetric } from "./report-data.js";
import type { RunName } from "./run-name.js";

/** The checkpoint that others are compared with where there is no run of the base model. */
const START = "sft";
interface Contrast {
  readonly kind: DifferenceKind;
  readonly dataset: string;
  readonly metric: ReportMetric;
  readonly run: number;
  readonly baseline: number;
}

/**
 * Every two runs of one dataset that differ in one thing only (cues, thinking, or a checkpoint against its base or, where the base was
 * not asked, against the checkpoint `sft`), on every metric that both have. Steps of a training run have comparisons of their own.
 *
 * @param runs - In the order of `ReportData.runs`.
 */
export function pairedDifferences(runs: readonly LoadedRun[]): ReportDifference[] {
  const differences: (Contrast & UntestedDifference)[] = [];
  for (const [kind, run, baseline] of contrasts(runs)) {
    const { dataset } = runs[run]!.name;
    for (const metric of REPORT_METRICS) {
      const difference = pairedDifference(metric, runs[run]!, runs[baseline]!);
      if (difference !== null) differences.push({ kind, dataset, metric, run, baseline, ...difference });
    }
  }
  return REPORT_METRICS.flatMap((metric) => adjustFamily(differences.filter((one) => one.metric === metric))).toSorted(
    (a, b) => order(a) - order(b),
  );

  function order({ kind, run, baseline, metric }: ReportDifference): number {
    const kinds: readonly DifferenceKind[] = ["thinking", "cues", "checkpoint"];
    return ((kinds.indexOf(kind) * runs.length + run) * runs.length + baseline) * 8 + REPORT_METRICS.indexOf(metric);
  }
}

function* contrasts(runs: readonly LoadedRun[]): Generator<[kind: DifferenceKind, run: number, baseline: number]> {
  const startOf = (name: RunName) =>
    runs.some(({ name: other }) => conditionKey({ ...name, checkpoint: null }) === conditionKey(other)) ? null : START;
  const evaluations = [...runs.entries()].filter(([, { step }]) => step === null);
  for (const [run, { name: a }] of evaluations) {
    for (const [baseline, { name: b }] of evaluations) {
      if (run === baseline || a.dataset !== b.dataset || a.model !== b.model) continue;
      const isSame = {
        cues: a.cues === b.cues,
        thinking: a.thinking === b.thinking,
        checkpoint: a.checkpoint === b.checkpoint,
      };
      if (isSame.thinking && isSame.checkpoint && a.cues === true && b.cues === false) yield ["cues", run, baseline];
      if (isSame.cues && isSame.checkpoint && a.thinking === true && b.thinking === false) {
        yield ["thinking", run, baseline];
      }
      if (
        isSame.cues &&
        isSame.thinking &&
        a.checkpoint !== null &&
        !isSame.checkpoint &&
        b.checkpoint === startOf(a)
      ) {
        yield ["checkpoint", run, baseline];
      }
    }
  }
}

function conditionKey({ dataset, model, checkpoint, cues, thinking }: RunName): string {
  return JSON.stringify([dataset, model, checkpoint, cues, thinking]);
}
