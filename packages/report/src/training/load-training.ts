import { basename } from "node:path";
import { readJsonLines } from "@pka/training";
import { pathOf, type ResultFileSet, type TrainingFiles } from "../find-report-files.js";
import { problemOf } from "../load-run.js";
import type { LoadedRun } from "../loaded-run.js";
import { metricRate } from "../metric-rate.js";
import { adjustFamily, pairedDifference, type UntestedDifference } from "../paired-difference.js";
import {
  type CurvePoint,
  type ReportCurve,
  REPORT_METRICS,
  type ReportMetric,
  type ReportTraining,
} from "../report-data.js";
import { trainingSeries } from "./training-series.js";

/** A point whose test does not know its family yet. */
type UntestedPoint = Omit<CurvePoint, "change"> & { readonly change: UntestedDifference | null };

type Evaluations = TrainingFiles["evaluations"];

/**
 * One training run: curves of its evaluations, and its metrics. The files of an evaluation are read one by one and compared with the first
 * of them, so that memory does not grow with their number.
 *
 * @param options.name - Of the run.
 * @param options.load - Reads a result file, and keeps its texts if told to; `null` where it cannot be used.
 * @param options.onProblem - Told what is wrong with `metrics.jsonl`.
 * @returns The run, and of every evaluation the first and the last step, whose answers the report shows.
 */
export async function loadTraining(
  { metrics, evaluations }: TrainingFiles,
  options: {
    readonly name: string;
    readonly load: (files: ResultFileSet, isKept: boolean) => Promise<LoadedRun | null>;
    readonly onProblem: (path: string, message: string) => void;
  },
): Promise<{ readonly training: ReportTraining; readonly runs: readonly LoadedRun[] }> {
  const { name, onProblem } = options;
  const curves: ReportCurve[] = [];
  const runs: LoadedRun[] = [];
  for (const repeated of byFileName(evaluations)) {
    const loaded = await loadCurves(repeated, name, options.load);
    curves.push(...loaded.curves);
    runs.push(...loaded.runs);
  }
  return { training: { name, curves, series: read() }, runs };

  function read(): ReportTraining["series"] {
    try {
      return trainingSeries(readJsonLines(metrics));
    } catch (error) {
      onProblem(metrics, problemOf(error, metrics));
      return [];
    }
  }
}

/** Evaluations of one dataset under one condition, by step. */
function byFileName(evaluations: Evaluations): Evaluations[] {
  const groups = new Map<string, Evaluations[number][]>();
  for (const evaluation of evaluations.toSorted((a, b) => a.step - b.step)) {
    const name = basename(pathOf(evaluation.files)).replace(/\.gz$/i, "");
    groups.set(name, [...(groups.get(name) ?? []), evaluation]);
  }
  return [...groups.keys()].toSorted().map((name) => groups.get(name)!);
}

async function loadCurves(
  evaluations: Evaluations,
  training: string,
  load: (files: ResultFileSet, isKept: boolean) => Promise<LoadedRun | null>,
): Promise<{ readonly curves: readonly ReportCurve[]; readonly runs: readonly LoadedRun[] }> {
  const points = new Map<ReportMetric, UntestedPoint[]>();
  const runs: LoadedRun[] = [];
  for (const [i, { step, files }] of evaluations.entries()) {
    const isKept = i === evaluations.length - 1 || runs.length === 0;
    const loaded = await load(files, isKept);
    if (loaded === null) continue;
    // The model is called "policy" in every run and at every step.
    const run: LoadedRun = { ...loaded, step, name: { ...loaded.name, model: training, checkpoint: `step ${step}` } };
    const [first] = runs;
    for (const metric of REPORT_METRICS) {
      const rate = metricRate(run.rows, metric, run.total);
      if (rate === undefined) continue;
      const change = first === undefined ? null : pairedDifference(metric, run, first);
      points.set(metric, [...(points.get(metric) ?? []), { step, file: run.file, rate, change }]);
    }
    if (isKept) runs.push(run);
  }
  const [first] = runs;
  if (first === undefined) return { curves: [], runs };
  const { dataset, cues, thinking } = first.name;
  return {
    curves: [...points].map(([metric, of]) => ({ dataset, cues, thinking, metric, points: tested(of) })),
    runs,
  };
}

/** The family: the steps of the curve. */
function tested(points: readonly UntestedPoint[]): CurvePoint[] {
  const changes = points.flatMap(({ change }) => change ?? []);
  const adjusted = adjustFamily(changes);
  return points.map((point) => ({
    ...point,
    change: point.change === null ? null : adjusted[changes.indexOf(point.change)]!,
  }));
}
