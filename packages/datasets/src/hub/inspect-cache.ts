import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DATASETS } from "../registry.js";

/** What of these datasets is in a cache. Paths are relative to it. */
export interface CacheState {
  readonly numFiles: number;
  readonly bytes: number;
  /** Downloads that were interrupted; the next load continues or replaces them. */
  readonly unfinished: readonly string[];
  /** Their content is not what their name, a hash, says. Delete them, and the next load fetches them again. */
  readonly damaged: readonly string[];
  /** Links to content that is gone. */
  readonly missing: readonly string[];
}

/** Looks through the hub repositories and web files of the datasets in a cache, and reads every file that has a hash for a name. */
export async function inspectCache(cacheDir: string): Promise<CacheState> {
  const repos = Object.values(DATASETS).flatMap(({ repo }) => repo ?? []);
  const folders = [...new Set(repos.map((repo) => `datasets--${repo.replaceAll("/", "--")}`)), "pka"];
  const files: { readonly path: string; readonly bytes: number }[] = [];
  const unfinished: string[] = [];
  const damaged: string[] = [];
  const missing: string[] = [];
  for (const folder of folders) {
    for (const path of await pathsIn(cacheDir, folder)) {
      const parts = path.split("/");
      const name = parts.at(-1)!;
      const bytes = await stat(join(cacheDir, path)).then(
        ({ size }) => size,
        () => undefined,
      );
      if (bytes === undefined) missing.push(path);
      else if (name.endsWith(".incomplete")) unfinished.push(path);
      else if (folder === "pka" ? !name.endsWith(".lock") : parts[1] === "blobs" && /^[0-9a-f]+$/.test(name)) {
        files.push({ path, bytes });
        if (!(await fitsName(join(cacheDir, path), name, bytes))) damaged.push(path);
      }
    }
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { numFiles: files.length, bytes, unfinished, damaged, missing };
}

/** Everything below a folder but folders, `/` in between; nothing where there is none. */
async function pathsIn(cacheDir: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(cacheDir, folder), { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries.map(async (entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? pathsIn(cacheDir, path) : [path];
    }),
  );
  return below.flat().toSorted();
}

/** 64 digits are a sha256, 40 git's hash of the content; other names say nothing. */
async function fitsName(path: string, name: string, bytes: number): Promise<boolean> {
  const hash = /^[0-9a-f]{64}$/.test(name)
    ? createHash("sha256")
    : /^[0-9a-f]{40}$/.test(name)
      ? createHash("sha1").update(`blob ${bytes}\0`)
      : undefined;
  if (hash === undefined) return true;
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex") === name;
}
