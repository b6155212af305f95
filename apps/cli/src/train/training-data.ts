import { type Logger, PkaError, type QaExample, UsageError } from "@pka/core";
import { DATASETS, type DatasetName, findDataset, loadDataset } from "@pka/datasets";
import { findOverlap } from "@pka/training";
import type { Environment } from "../environment.js";
import { isEmbedded } from "./is-embedded.js";

/** The flags that say what is trained on. */
export interface DataOptions {
  readonly dataset?: string;
  readonly dataDir?: string;
  readonly split?: string;
  readonly limit?: number;
  readonly excludeOverlap?: boolean;
  readonly engine?: string | true;
  readonly modelName: string;
}

/** Where data is loaded, and who is told about it. */
export interface DataContext {
  readonly environment: Environment;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

const SMALL_WORLD = "smallworld";

export function datasetOf(options: DataOptions): string {
  return options.dataset ?? (isEmbedded(options) ? SMALL_WORLD : "triviaqa");
}

/** @param trainer - Which split of the small world is trained on. */
export function splitOf(options: DataOptions, trainer: "sft" | "rl"): string {
  return options.split ?? (datasetOf(options) === SMALL_WORLD ? trainer : "train");
}

/** @throws UsageError when the dataset has no such split, or has problems instead of questions. */
export async function loadQuestions(
  name: string,
  split: string,
  { dataDir, limit }: { readonly dataDir?: string | undefined; readonly limit?: number | undefined },
  { environment, logger, signal }: DataContext,
): Promise<readonly QaExample[]> {
  if (findDataset(name).task !== "qa") {
    throw new UsageError(`${name} has worked solutions and no short answers: it cannot be trained on`);
  }
  const loaded = await loadDataset(name, { split, dataDir, limit, hub: environment.hub, logger, signal });
  return loaded.examples.filter((example) => example.task === "qa");
}

/**
 * For a plan: the rows if they are on this machine, else as many `undefined` as the split has as published.
 *
 * @param load - Loads them. No server is asked.
 */
export async function loadForPlan<T>(
  options: DataOptions,
  split: string,
  context: DataContext,
  load: (context: DataContext) => Promise<readonly T[]>,
): Promise<readonly (T | undefined)[]> {
  const { environment } = context;
  const offline = { ...context, environment: { ...environment, hub: { ...environment.hub, offline: true } } };
  try {
    return await load(offline);
  } catch (error) {
    const published = DATASETS[datasetOf(options) as DatasetName]?.rows[split];
    if (!PkaError.isInstance(error) || error.code === "usage" || published === undefined) throw error;
    context.logger.warn(`${error.message}. The plan counts the ${published} rows as published`);
    return Array.from({ length: Math.min(published, options.limit ?? Infinity) }, () => undefined);
  }
}

/** A question that is trained on, with the answers it is compared by. */
interface Row {
  readonly question: string;
  readonly answers: readonly string[];
}

/**
 * The rows without those that the dataset's evaluation split asks too, where `--exclude-overlap` is given; else all of them, and a
 * warning.
 *
 * @param evaluation - Other questions of an evaluation.
 */
export async function withoutOverlap<T extends Row>(
  rows: readonly T[],
  evaluation: readonly Row[],
  options: DataOptions,
  context: DataContext,
): Promise<readonly T[]> {
  const name = datasetOf(options);
  const split = DATASETS[name as DatasetName].defaultSplit;
  let asked: readonly Row[] = evaluation;
  try {
    const quiet = { ...context, logger: { info() {}, warn() {} } };
    asked = [...evaluation, ...(await loadQuestions(name, split, { dataDir: options.dataDir }, quiet))];
  } catch (error) {
    if (!PkaError.isInstance(error)) throw error;
    if (options.excludeOverlap) throw error;
    context.logger.warn(`overlap with ${name} ${split} was not checked: ${error.message}`);
  }
  const overlap = new Set(findOverlap(rows, asked));
  if (overlap.size === 0) return rows;
  const found = `${overlap.size} of ${rows.length} training questions are asked in the evaluation too (${name} ${split})`;
  if (!options.excludeOverlap) {
    context.logger.warn(`${found}; --exclude-overlap leaves them out`);
    return rows;
  }
  context.logger.info(`${found}; they are left out`);
  return rows.filter((_, index) => !overlap.has(index));
}
