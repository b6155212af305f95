import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { PkaError } from "@pka/core";

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

const RESULT = /^(.+)\.json(?:\.gz)?$/i;

/**
 * The result files below a folder, each with the `ex_` file and the journal beside it. Hidden folders, links to folders and
 * what a training run keeps beside its `metrics.jsonl` are left alone; of `x.json` and `x.json.gz` the first counts.
 *
 * @throws ResultsFolderError when the folder cannot be read or holds none.
 */
export async function findResultFiles(folder: string): Promise<ResultFileSet[]> {
  const paths = await listFiles(folder);
  const byStem = new Map<string, string>();
  const journals = new Set(paths.filter((path) => path.endsWith(".jsonl")));
  const trainingRuns = new Set(paths.filter((path) => basename(path) === "metrics.jsonl").map((path) => dirname(path)));
  for (const path of paths) {
    const match = RESULT.exec(basename(path));
    if (match === null || trainingRuns.has(dirname(path))) continue;
    const stem = join(path, "..", match[1]!);
    if (!byStem.has(stem)) byStem.set(stem, path);
  }
  if (byStem.size === 0) {
    throw new ResultsFolderError(`${folder}: no result file (.json or .json.gz) in it or below`);
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
    const reason = error instanceof Error ? error.message : String(error);
    throw new ResultsFolderError(`${folder}: cannot read the folder: ${reason}`, { cause: error });
  }
}
