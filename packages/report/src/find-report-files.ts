import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { messageOf, PkaError } from "@pka/core";

/** The results folder cannot be read, or holds no result file. */
export class ResultsFolderError extends PkaError {
  readonly code = "results_folder";
}

/** A result file and what belongs to it. */
export interface ResultFileSet {
  /** Absolute or relative as the folder was given. `null` when only the refined answers are there. */
  readonly base: string | null;
  readonly refined: string | null;
  readonly journal: string | null;
}

/** A training run: a folder with a `metrics.jsonl`. */
export interface TrainingFiles {
  readonly folder: string;
  readonly metrics: string;
  /** The evaluations on the way, `eval_<name>/<step>/…` in the folder. */
  readonly evaluations: readonly { readonly step: number; readonly files: ResultFileSet }[];
}

const RESULT = /^(.+)\.json(?:\.gz)?$/i;
const METRICS = "metrics.jsonl";

/**
 * The result files below a folder, each with the `ex_` file and the journal beside it, and the training runs. Hidden folders, links to
 * folders and what a training run keeps beside its `metrics.jsonl` are left alone; of `x.json` and `x.json.gz` the first counts.
 *
 * @throws ResultsFolderError when the folder cannot be read or holds neither.
 */
export async function findReportFiles(
  folder: string,
): Promise<{ readonly results: readonly ResultFileSet[]; readonly training: readonly TrainingFiles[] }> {
  const paths = await listFiles(folder);
  const training = new Map(
    paths.flatMap((metrics) => {
      const run = dirname(metrics);
      return basename(metrics) === METRICS ? [[run, { folder: run, metrics, evaluations: [] as Evaluation[] }]] : [];
    }),
  );
  const results: ResultFileSet[] = [];
  for (const files of resultFileSets(paths, (path) => training.has(dirname(path)))) {
    const { run, step } = evaluationOf(files);
    const trained = training.get(run);
    if (trained === undefined || step === null) results.push(files);
    else trained.evaluations.push({ step, files });
  }
  if (results.length === 0 && training.size === 0) {
    throw new ResultsFolderError(`${folder}: no result file (.json or .json.gz) and no training run in it or below`);
  }
  const byName = (a: TrainingFiles, b: TrainingFiles) => (a.folder < b.folder ? -1 : 1);
  return { results, training: [...training.values()].toSorted(byName) };
}

type Evaluation = TrainingFiles["evaluations"][number];

/** The result file, or that of its refined answers where that is all there is. */
export function pathOf({ base, refined }: ResultFileSet): string {
  return base ?? refined!;
}

/** `<run>/eval_<name>/<step>/<file>`; the step is `null` for a path of another form. */
function evaluationOf(files: ResultFileSet): { readonly run: string; readonly step: number | null } {
  const stepFolder = dirname(pathOf(files));
  const isEvaluation = /^\d+$/.test(basename(stepFolder)) && basename(dirname(stepFolder)).startsWith("eval_");
  return { run: dirname(dirname(stepFolder)), step: isEvaluation ? Number(basename(stepFolder)) : null };
}

function resultFileSets(paths: readonly string[], isLeftAlone: (path: string) => boolean): ResultFileSet[] {
  const byStem = new Map<string, string>();
  const journals = new Set(paths.filter((path) => path.endsWith(".jsonl")));
  for (const path of paths) {
    const match = RESULT.exec(basename(path));
    if (match === null || isLeftAlone(path)) continue;
    const stem = join(path, "..", match[1]!);
    if (!byStem.has(stem)) byStem.set(stem, path);
  }

  const sets: ResultFileSet[] = [];
  for (const [stem, path] of byStem) {
    const name = basename(stem);
    if (name.startsWith("ex_") && byStem.has(join(stem, "..", name.slice(3)))) continue;
    if (name.startsWith("ex_")) {
      sets.push({ base: null, refined: path, journal: null });
      continue;
    }
    const journal = `${stem}.jsonl`;
    sets.push({
      base: path,
      refined: byStem.get(join(stem, "..", `ex_${name}`)) ?? null,
      journal: journals.has(journal) ? journal : null,
    });
  }
  return sets;
}

/** A path as reports name it: below the folder, with `/`. */
export function nameBelow(folder: string, path: string): string {
  return relative(folder, path).split(sep).join("/");
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (path) =>
          !nameBelow(folder, path)
            .split("/")
            .some((part) => part.startsWith(".")),
      )
      .toSorted();
  } catch (error) {
    const reason = messageOf(error);
    throw new ResultsFolderError(`${folder}: cannot read the folder: ${reason}`, { cause: error });
  }
}
