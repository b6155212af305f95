import { numpyPermutation } from "@pka/training";

/** A question with its accepted answers. */
export interface Problem {
  readonly question: string;
  readonly answers: readonly string[];
}

/**
 * Problems to train on, and problems held out: one permutation of the rows, of which the first 80 % train.
 *
 * Split by `row` (default, the paper's), a question that stands twice in the data may be in both parts; by `question`, all rows of a
 * question are in the same part.
 */
export function splitProblems<T extends Problem>(
  rows: readonly T[],
  { seed, splitBy = "row" }: { readonly seed: number; readonly splitBy?: "row" | "question" },
): { readonly train: T[]; readonly validation: T[] } {
  const shuffled = Array.from(numpyPermutation(rows.length, seed), (position) => rows[position]!);
  if (splitBy === "row") {
    const numTrain = Math.floor(0.8 * rows.length);
    return { train: shuffled.slice(0, numTrain), validation: shuffled.slice(numTrain) };
  }
  const questions = [...new Set(shuffled.map(({ question }) => question))];
  const trained = new Set(questions.slice(0, Math.floor(0.8 * questions.length)));
  return {
    train: shuffled.filter(({ question }) => trained.has(question)),
    validation: shuffled.filter(({ question }) => !trained.has(question)),
  };
}

/**
 * Batches of a run, in order: consecutive slices, the last of an epoch with what is left. The first epoch takes the problems as they
 * come, later ones in numpy's permutation of seed + epoch.
 */
export function batchAt<T>(
  problems: readonly T[],
  step: number,
  { groupsPerBatch, seed }: { readonly groupsPerBatch: number; readonly seed: number },
): T[] {
  const perEpoch = Math.ceil(problems.length / groupsPerBatch);
  const epoch = Math.floor(step / perEpoch);
  const start = (step % perEpoch) * groupsPerBatch;
  if (epoch === 0) return problems.slice(start, start + groupsPerBatch);
  const order = numpyPermutation(problems.length, seed + epoch);
  return Array.from(order.slice(start, start + groupsPerBatch), (position) => problems[position]!);
}

/** Steps of a run. */
export function rlTotalSteps(
  numProblems: number,
  config: { readonly groupsPerBatch: number; readonly numEpochs: number; readonly maxSteps: number | null },
): number {
  const all = Math.ceil(numProblems / config.groupsPerBatch) * config.numEpochs;
  return Math.min(all, config.maxSteps ?? Infinity);
}
