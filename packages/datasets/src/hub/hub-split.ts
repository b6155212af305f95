import { createHash } from "node:crypto";
import { rename } from "node:fs/promises";
import { exists } from "@pka/core/node";
import { downloadFile, type DownloadProgress } from "../download/download-file.js";
import { withFileLock } from "../download/with-file-lock.js";
import { DownloadError } from "../errors.js";
import { type HubCache, isCommit, NO_COMMIT } from "./hub-cache.js";
import type { HubClient, HubFile } from "./hub-client.js";
import { selectShards } from "./select-shards.js";

/** One split of one configuration of a dataset repository. */
export interface HubSplit {
  /** `owner/name` */
  readonly repo: string;
  /** The folder that holds the configuration. */
  readonly directory: string;
  readonly split: string;
  /** File names as they stand in the repository at the time of writing. Where they do not fit, the hub is asked. */
  readonly shards: readonly string[];
}

export interface HubFiles {
  /** Local paths, in order. */
  readonly files: readonly string[];
  /** `null` where the server named none. */
  readonly commit: string | null;
}

/** The split as it was last downloaded; `undefined` unless all of it is there. */
export async function cachedSplit(cache: HubCache, revision: string, split: HubSplit): Promise<HubFiles | undefined> {
  const commit = await cache.commitOf(revision);
  const files = commit === undefined ? undefined : await cache.split(commit, split.directory, split.split);
  return files === undefined ? undefined : { files, commit: commit === NO_COMMIT ? null : commit! };
}

/**
 * The split as the hub has it now, downloading what the cache lacks. When the hub cannot be reached, the split as it was
 * last downloaded, with a warning.
 *
 * @throws DownloadError when there is neither.
 */
export async function downloadedSplit(
  cache: HubCache,
  client: HubClient,
  revision: string,
  split: HubSplit,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<HubFiles> {
  const cached = await cachedSplit(cache, revision, split);
  // A commit never changes.
  if (cached !== undefined && cached.commit === revision) return cached;
  try {
    const maxFailures = cached === undefined ? undefined : 1;
    return await downloadSplit({ cache, client, revision, split, maxFailures, onProgress });
  } catch (error) {
    if (cached === undefined || !(error instanceof DownloadError)) throw error;
    client.connection.logger.warn(`${error.message}; using the copy in the cache`);
    return cached;
  }
}

interface Order {
  readonly cache: HubCache;
  readonly client: HubClient;
  readonly revision: string;
  readonly split: HubSplit;
  readonly maxFailures: number | undefined;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
}

async function downloadSplit(order: Order): Promise<HubFiles> {
  const { cache, client, revision, split } = order;
  const { repo } = split;
  const { paths, first } = await locate(order);
  const commit = first.commit ?? (isCommit(revision) ? revision : NO_COMMIT);

  const files: string[] = [];
  for (const [index, path] of paths.entries()) {
    const pointer = cache.file(commit, path);
    // Without a commit, nothing says whether what is in the cache is still what the server has.
    if (commit !== NO_COMMIT && (await exists(pointer))) {
      files.push(pointer);
      continue;
    }
    // Every shard comes from the commit of the first.
    const file = index === 0 ? first : await client.stat(repo, first.commit ?? revision, path);
    files.push(await downloadShard(order, commit, path, file));
  }
  await cache.setRef(revision, commit);
  return { files, commit: commit === NO_COMMIT ? null : commit };
}

/** Paths of the shards in the repository, and what the hub says of the first. */
async function locate({ client, revision, split, maxFailures }: Order): Promise<{ paths: string[]; first: HubFile }> {
  const { repo, directory } = split;
  const pathsOf = (shards: readonly string[]): string[] => shards.map((shard) => `${directory}/${shard}`);
  const known = pathsOf(split.shards);
  try {
    return { paths: known, first: await client.stat(repo, revision, known[0]!, maxFailures) };
  } catch (error) {
    if (!(error instanceof DownloadError && error.status === 404)) throw error;
    // The repository may have been cut into other shards since.
    const names = await client.list(repo, revision, directory).catch(() => []);
    const shards = selectShards(names, split.split);
    if (shards === undefined) throw error;
    const paths = pathsOf(shards);
    return { paths, first: await client.stat(repo, revision, paths[0]!, maxFailures) };
  }
}

/** One file into the cache, by one process at a time. */
async function downloadShard({ cache, client, split, onProgress }: Order, commit: string, path: string, file: HubFile) {
  const { url, digest, size } = file;
  const name = digest ?? createHash("sha256").update(path).digest("hex").slice(0, 16);
  const partial = cache.blob(`${name}.incomplete`);
  const hash = await withFileLock(cache.blob(`${name}.lock`), client.connection.signal, async () => {
    if (digest !== undefined && (await exists(cache.blob(digest)))) return digest;
    const download = { url, file: `${split.repo}/${path}`, partial, size, digest, token: client.token };
    const sha256 = await downloadFile(client.connection, { ...download, explain: client.explain, onProgress });
    await rename(partial, cache.blob(digest ?? sha256));
    return digest ?? sha256;
  });
  return cache.link(commit, path, hash);
}
