import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { selectShards } from "./select-shards.js";

/** Stands for the commit of a server that names none. Git's null id: no commit has it. */
export const NO_COMMIT = "0".repeat(40);

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/**
 * One dataset repository in the cache that Python's `huggingface_hub` reads and writes:
 * `blobs/<hash>` hold content, `snapshots/<commit>/<path>` link to them, `refs/<revision>` name commits.
 */
export class HubCache {
  readonly #folder: string;

  /** @param repo - `owner/name` */
  constructor(cacheDir: string, repo: string) {
    this.#folder = join(cacheDir, `datasets--${repo.replaceAll("/", "--")}`);
  }

  /** @param hash - Hex digits only. */
  blob(hash: string): string {
    return join(this.#folder, "blobs", hash);
  }

  file(commit: string, path: string): string {
    return join(this.#folder, "snapshots", commit, ...path.split("/"));
  }

  /** The commit that `revision` last stood for, if it is known here. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    const commit = (await readFile(this.#ref(revision), "utf8").catch(() => "")).trim();
    return isCommit(commit) ? commit : undefined;
  }

  /** Note that `revision` stands for `commit`. */
  async setRef(revision: string, commit: string): Promise<void> {
    if (revision === commit || (await this.commitOf(revision)) === commit) return;
    const ref = this.#ref(revision);
    await mkdir(dirname(ref), { recursive: true });
    await replaceFile(ref, (temporary) => writeFile(temporary, commit));
  }

  /** All shards of a split at a commit, in order; `undefined` unless every one is here. */
  async split(commit: string, directory: string, split: string): Promise<string[] | undefined> {
    const folder = this.file(commit, directory);
    const names = await readdir(folder).catch(() => []);
    const files = selectShards(names, split)?.map((name) => join(folder, name));
    // A link whose blob was deleted is still listed.
    const sizes = await Promise.all((files ?? []).map((file) => stat(file).catch(() => undefined)));
    return sizes.includes(undefined) ? undefined : files;
  }

  /** Make `snapshots/<commit>/<path>` show the blob: by a relative link, or by a copy where links are refused (Windows). */
  async link(commit: string, path: string, hash: string): Promise<string> {
    const pointer = this.file(commit, path);
    await mkdir(dirname(pointer), { recursive: true });
    const blob = this.blob(hash);
    await replaceFile(pointer, async (temporary) => {
      await symlink(relative(dirname(pointer), blob), temporary).catch(() => copyFile(blob, temporary));
    });
    return pointer;
  }

  #ref(revision: string): string {
    return join(this.#folder, "refs", ...revision.split("/"));
  }
}

/** Whoever looks sees the old file or the new one, never half of it. */
async function replaceFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
