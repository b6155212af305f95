import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { type Example, type Logger, silentLogger, UsageError } from "@pka/core";
import { contentHash, contentJson } from "./content-hash.js";
import type { Dataset, DatasetName } from "./dataset.js";
import type { DownloadProgress } from "./download/download-file.js";
import { DatasetFileError } from "./errors.js";
import { findDataset } from "./registry.js";
import { type HubOptions, SourceResolver } from "./source-resolver.js";

export interface LoadDatasetOptions {
  /** One of the dataset's splits. Default: the one the paper reports. */
  readonly split?: string | undefined;
  /**
   * A folder with `NQ/NQ-open.dev.jsonl`, `StrategyQA/strategyqa_train.json`, `SimpleQA/simple_qa_test_set.csv` and
   * `hub/datasets/<owner>/<name>/<path in the repository>`. What it lacks is downloaded.
   */
  readonly dataDir?: string | undefined;
  /** Rows to leave out at the start, ≥ 0. Default 0. */
  readonly offset?: number | undefined;
  /** Rows to keep at most, ≥ 1. Default: all. */
  readonly limit?: number | undefined;
  readonly hub?: HubOptions | undefined;
  /** What makes requests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Stops the load; a download can be continued by the next. */
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  /** Called as bytes of a download arrive. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** What identifies the rows of a split, whatever part of it was asked for. */
export interface DatasetFingerprint {
  /** Where the rows came from, such as `hf://datasets/hotpotqa/hotpot_qa`, a web address, or `data-dir:` and a path in it. */
  readonly source: string;
  /** Commit of the source, where it has one. */
  readonly revision: string | null;
  /** Hex, over every row of the split in order: the JSON of its content (see README), each followed by a line feed. */
  readonly sha256: string;
  /** Rows of the split. */
  readonly numRows: number;
}

export interface LoadedDataset {
  readonly name: DatasetName;
  readonly split: string;
  /** The rows asked for, in the dataset's order. Ids count from the beginning of the split. */
  readonly examples: readonly Example[];
  readonly fingerprint: DatasetFingerprint;
}

/**
 * Load one split of a dataset: from `dataDir`, the cache, or the network, in this order.
 * The whole split is read and checked even when only a part is asked for: one bad row anywhere and nothing is returned.
 *
 * @param name - A key of `DATASETS`.
 * @throws UsageError for an unknown name or split, or an offset, limit or data directory that cannot be;
 * DatasetFileError, DatasetRowError for data that is not what it should be; DownloadError; the abort reason of `signal`.
 * @example
 * const { examples } = await loadDataset("nq", { limit: 200 });
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<LoadedDataset> {
  const dataset = findDataset(name);
  const split = options.split ?? dataset.defaultSplit;
  if (!dataset.splits.includes(split)) {
    throw new UsageError(`${dataset.name} has no split "${split}"; it has ${dataset.splits.join(", ")}`);
  }
  const offset = checkCount("offset", options.offset ?? 0, 0);
  const limit = options.limit === undefined ? Infinity : checkCount("limit", options.limit, 1);
  const { dataDir, hub, signal, logger = silentLogger, onProgress } = options;
  if (dataDir !== undefined) await checkDataDir(dataDir);
  const connection = { fetch: options.fetch ?? globalThis.fetch, signal, logger };
  const sources = new SourceResolver({ dataDir, hub, connection, onProgress });

  const examples: Example[] = [];
  const hash = createHash("sha256");
  let numRows = 0;
  for await (const content of dataset.read(split, sources)) {
    signal?.throwIfAborted();
    const json = contentJson(content);
    hash.update(json).update("\n");
    if (numRows >= offset && numRows < offset + limit) {
      examples.push({ ...content, id: `${dataset.name}/${numRows}`, hash: contentHash(json) });
    }
    numRows += 1;
  }

  const { source, revision } = sources.origin;
  if (numRows === 0) throw new DatasetFileError(sources.files.join(", "), `no rows of ${dataset.name} ${split}`);
  if (offset >= numRows)
    throw new UsageError(`offset ${offset} is beyond the ${numRows} rows of ${dataset.name} ${split}`);
  tellWhatIsUnusual(dataset, split, numRows, examples, logger);
  return {
    name: dataset.name,
    split,
    examples,
    fingerprint: { source, revision, sha256: hash.digest("hex"), numRows },
  };
}

function checkCount(what: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${what} should be a whole number of at least ${least}, not ${value}`);
}

async function checkDataDir(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`the data directory ${dataDir} is not a folder that can be read`);
}

function tellWhatIsUnusual(
  dataset: Dataset,
  split: string,
  numRows: number,
  examples: readonly Example[],
  logger: Logger,
) {
  const name = `${dataset.name} ${split}`;
  const published = dataset.rows[split];
  if (numRows !== published) logger.warn(`${name}: ${numRows} rows here, ${published} as published`);
  const { numRepeated, numContradicting } = countRepeats(examples);
  if (numRepeated > 0) {
    const otherwise = numContradicting === 0 ? "" : `, ${numContradicting} of them with other accepted answers`;
    const repeats = `${numRepeated} rows repeat the question of an earlier row${otherwise}`;
    logger.warn(`${name}: ${repeats}; they are kept apart by index`);
  }
  const numWithout = examples.filter((example) => example.task === "qa" && example.answers.length === 0).length;
  if (numWithout > 0) logger.warn(`${name}: ${numWithout} rows have no accepted answer, so no reply can be right`);
}

function countRepeats(examples: readonly Example[]): { numRepeated: number; numContradicting: number } {
  const golds = new Map<string, string>();
  let numRepeated = 0;
  let numContradicting = 0;
  for (const example of examples) {
    const gold = JSON.stringify(example.task === "qa" ? example.answers : example.solution);
    const earlier = golds.get(example.question);
    if (earlier === undefined) golds.set(example.question, gold);
    else numRepeated += 1;
    if (earlier !== undefined && earlier !== gold) numContradicting += 1;
  }
  return { numRepeated, numContradicting };
}
