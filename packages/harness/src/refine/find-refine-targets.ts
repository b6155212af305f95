import { readdir } from "node:fs/promises";
import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Logger, silentLogger, UsageError } from "@pka/core";
import { OutputError } from "../errors.js";
import { ResultFileError } from "../result/object-splitter.js";
import { parseResultRow, type ResultKind, ResultRowError } from "../result/result-row.js";
import { scanRows } from "../result/scan-rows.js";
import { refinedPath } from "./refine.js";
import { whyNot } from "./refine-source.js";

const EX_PREFIX = "ex_";

/** Which result files to refine. */
export interface FindRefineTargetsOptions {
  /** Paths, as they are or within `resultsDir`. */
  readonly targetFiles?: readonly string[] | undefined;
  /** Every QA result below `resultsDir`. Excludes `targetFiles`. */
  readonly all?: boolean | undefined;
  readonly resultsDir: string;
  /** As `refine` will get it. */
  readonly outputDir?: string | undefined;
  /** Told what is skipped, and why. */
  readonly logger?: Logger | undefined;
}

/**
 * The result files to refine, each once: those named, in their order, or all below a folder, by name. `all` leaves out `ex_` files,
 * and says which files it skips because they are MATH or no result.
 *
 * @throws UsageError for a file that is missing, MATH or refined already, two sources of one result, or nothing found.
 * @throws OutputError when a file or folder cannot be read.
 */
export async function findRefineTargets(options: FindRefineTargetsOptions): Promise<string[]> {
  const { targetFiles = [], all = false, resultsDir, outputDir } = options;
  if (all === targetFiles.length > 0)
    throw new UsageError("name result files (--target-files) or take all of them (--all): one of the two");
  const found = all ? await findAll(options) : await Promise.all(targetFiles.map((name) => findOne(name, resultsDir)));
  const targets = [...new Map(found.map((path) => [resolve(path), path])).values()];
  const sourceOf = new Map<string, string>();
  for (const path of targets) {
    const resultPath = resolve(refinedPath(path, outputDir));
    const other = sourceOf.get(resultPath);
    if (other !== undefined) {
      throw new UsageError(
        `${other} and ${path} would both be refined into ${resultPath}: refine them into two folders`,
      );
    }
    sourceOf.set(resultPath, path);
  }
  return targets;
}

async function findOne(name: string, resultsDir: string): Promise<string> {
  const path = [name, join(resultsDir, name)].find((candidate) => existsSync(candidate));
  if (path === undefined) throw new UsageError(`${name}: there is no such file, neither here nor in ${resultsDir}`);
  if (statSync(path).isDirectory()) throw new UsageError(`${path} is a folder: name its files, or refine all of them`);
  const kind = basename(path).startsWith(EX_PREFIX) ? "ex" : await kindOf(path);
  if (kind === "ex" || kind === "math") throw new UsageError(`${path}: ${whyNot(kind)}`);
  return path;
}

async function findAll({ resultsDir, logger = silentLogger }: FindRefineTargetsOptions): Promise<string[]> {
  if (!existsSync(resultsDir)) throw new UsageError(`${resultsDir}: there is no such folder`);
  const targets: string[] = [];
  for await (const path of jsonFiles(resultsDir)) {
    const kind = await kindOf(path);
    if (kind === "qa") targets.push(path);
    else logger.warn(`skipped ${path}: ${kind === undefined ? "it holds no rows" : whyNot(kind)}`);
  }
  if (targets.length === 0) throw new UsageError(`${resultsDir}: no QA result below it, so there is nothing to refine`);
  return targets;
}

async function* jsonFiles(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new OutputError(folder, "cannot read the folder", error);
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* jsonFiles(path);
    else if (entry.isFile() && entry.name.endsWith(".json") && !entry.name.startsWith(EX_PREFIX)) yield path;
  }
}

/** By its first row; `undefined` when it has none. */
async function kindOf(path: string): Promise<ResultKind | undefined> {
  try {
    for await (const entries of scanRows(path)) {
      const first = entries.find((entry) => entry.type === "row");
      if (first !== undefined) return parseResultRow(path, 0, first.value, new Set()).kind;
    }
    return undefined;
  } catch (error) {
    if (error instanceof ResultFileError || error instanceof ResultRowError) return "list";
    throw error;
  }
}
