import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { UsageError } from "@pka/core";
import { OutputError } from "../errors.js";

/** A result file and what it is called in reports. */
export interface ListedFile {
  readonly path: string;
  /** Its name; in a folder, its path below that folder, with `/` on every system. */
  readonly key: string;
}

const RESULT_FILE = /\.json(?:\.gz)?$/;
const REFINED = "ex_";

/**
 * The result files that a path stands for: itself, or all `.json` and `.json.gz` files below the folder, sorted, without those of
 * refined answers (`ex_…`).
 *
 * @throws UsageError when there is nothing, or the one file holds refined answers. @throws OutputError for an unreadable folder.
 */
export async function listResultFiles(input: string): Promise<readonly ListedFile[]> {
  const entry = await stat(input).catch((cause: unknown) => {
    throw new UsageError(`${input}: no such file or folder, or it cannot be opened`, { cause });
  });
  if (!entry.isDirectory()) {
    const name = basename(input);
    if (!name.startsWith(REFINED)) return [{ path: input, key: name }];
    throw new UsageError(
      `${input} holds refined answers, which show no thinking. Give ${name.slice(REFINED.length)}: its ${REFINED} file is found by itself`,
    );
  }
  const entries = await readdir(input, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new OutputError(input, "cannot read the folder", cause);
  });
  const files = entries
    .filter((file) => !file.isDirectory() && RESULT_FILE.test(file.name) && !file.name.startsWith(REFINED))
    .map((file) => join(file.parentPath, file.name))
    .map((path) => ({ path, key: relative(input, path).split(sep).join("/") }));
  if (files.length === 0) throw new UsageError(`${input} holds no result files (.json or .json.gz)`);
  return files.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** The file of refined answers beside a result file: `ex_` and the same name, gzipped or not. */
export async function findRefined(path: string): Promise<string | undefined> {
  const sibling = join(path, "..", REFINED + basename(path));
  const candidates = [sibling, sibling.endsWith(".gz") ? sibling.slice(0, -".gz".length) : `${sibling}.gz`];
  for (const candidate of candidates) {
    if (await stat(candidate).catch(() => undefined)) return candidate;
  }
  return undefined;
}
