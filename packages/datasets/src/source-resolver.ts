import { readdir, rename, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@pka/core";
import { downloadFile, type DownloadProgress } from "./download/download-file.js";
import { withFileLock } from "./download/with-file-lock.js";
import type { Connection } from "./download/request.js";
import { DatasetFileError, DownloadError, isFileSystemError } from "./errors.js";
import { HubCache } from "./hub/hub-cache.js";
import { HubClient } from "./hub/hub-client.js";
import { cachedSplit, downloadedSplit, type HubFiles, type HubSplit } from "./hub/hub-split.js";
import { selectShards } from "./hub/select-shards.js";

/** Where and how the hub is reached. */
export interface HubOptions {
  /** Address of the hub or of a mirror. Default `https://huggingface.co`. */
  readonly endpoint?: string | undefined;
  /** Access token, sent to the endpoint only. */
  readonly token?: string | undefined;
  /** The folder that Python's `huggingface_hub` calls its cache. Default `~/.cache/huggingface/hub`. */
  readonly cacheDir?: string | undefined;
  /** Use what is in the cache and ask nobody. Default `false`. */
  readonly offline?: boolean | undefined;
  /** Branch, tag or commit of the dataset repository. Default `main`. */
  readonly revision?: string | undefined;
}

/** A single file on the web, kept under `path` in a data directory. */
export interface WebFile {
  readonly path: string;
  readonly url: string;
  /** Hex, where the content is pinned. */
  readonly sha256?: string;
  /** The commit that `url` names, where it names one. */
  readonly revision: string | null;
}

/** Finds the files of one load, in the data directory, the cache or the network, and remembers which they were. */
export class SourceResolver {
  readonly #dataDir: string | undefined;
  readonly #cacheDir: string;
  readonly #revision: string;
  readonly #offline: boolean;
  readonly #client: HubClient;
  readonly #onProgress: ((progress: DownloadProgress) => void) | undefined;
  /** Paths that were handed out. */
  readonly files: string[] = [];
  readonly #used = new Map<string, string | null>();
  readonly #commits = new Map<string, string>();

  /** @throws UsageError for hub options that cannot be used. */
  constructor(options: {
    readonly dataDir: string | undefined;
    readonly hub: HubOptions | undefined;
    readonly connection: Connection;
    readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
  }) {
    const { dataDir, hub = {}, connection, onProgress } = options;
    this.#dataDir = dataDir;
    this.#cacheDir = hub.cacheDir ?? join(homedir(), ".cache", "huggingface", "hub");
    this.#revision = checkRevision(hub.revision ?? "main");
    this.#offline = hub.offline ?? false;
    this.#client = new HubClient(connection, hub.endpoint, hub.token);
    this.#onProgress = onProgress;
  }

  /** What the load's rows came from so far, for its fingerprint. */
  get origin(): { readonly source: string; readonly revision: string | null } {
    const revisions = [...new Set(this.#used.values())];
    return { source: [...this.#used.keys()].join(" + "), revision: revisions.length === 1 ? revisions[0]! : null };
  }

  /** Note where rows came from that need no file. */
  generated(source: string): void {
    this.#used.set(source, null);
  }

  /** Local paths of a split's parquet files, in order. @throws DownloadError, DatasetFileError, UsageError */
  async hubSplit(split: HubSplit): Promise<readonly string[]> {
    const files = (await this.#givenSplit(split)) ?? (await this.#hubSplit(split));
    this.files.push(...files);
    return files;
  }

  /** Local path of a file. @throws DownloadError, DatasetFileError, UsageError */
  async webFile(file: WebFile): Promise<string> {
    const given = this.#dataDir === undefined ? undefined : join(this.#dataDir, file.path);
    const isGiven = given !== undefined && (await isFile(given));
    const path = isGiven ? given : await this.#cachedWebFile(file);
    if (isGiven) this.#used.set(`data-dir:${file.path}`, null);
    else this.#used.set(file.url, file.revision);
    this.files.push(path);
    return path;
  }

  async #givenSplit({ repo, directory, split }: HubSplit): Promise<string[] | undefined> {
    if (this.#dataDir === undefined) return undefined;
    const folder = join(this.#dataDir, "hub", "datasets", ...repo.split("/"), directory);
    const shards = selectShards(await readdir(folder).catch(() => []), split);
    if (shards !== undefined) this.#used.set(`data-dir:hub/datasets/${repo}`, null);
    return shards?.map((shard) => join(folder, shard));
  }

  async #hubSplit(split: HubSplit): Promise<readonly string[]> {
    // All of a load comes from one commit.
    const revision = this.#commits.get(split.repo) ?? this.#revision;
    const { files, commit } = await this.#writing(() => this.#fetchedSplit(split, revision));
    if (commit !== null) this.#commits.set(split.repo, commit);
    this.#used.set(`hf://datasets/${split.repo}`, commit);
    return files;
  }

  async #fetchedSplit(split: HubSplit, revision: string): Promise<HubFiles> {
    const cache = new HubCache(this.#cacheDir, split.repo);
    if (!this.#offline) return downloadedSplit(cache, this.#client, revision, split, this.#onProgress);
    const cached = await cachedSplit(cache, revision, split);
    if (cached !== undefined) return cached;
    throw this.#absent(this.#client.fileUrl(split.repo, revision, `${split.directory}/${split.shards[0]}`));
  }

  async #cachedWebFile(file: WebFile): Promise<string> {
    const path = join(this.#cacheDir, "pka", file.path);
    if (await isFile(path)) return path;
    const url = new URL(file.url);
    if (this.#offline) throw this.#absent(url);
    const { connection } = this.#client;
    const download = {
      url,
      file: file.path,
      partial: `${path}.incomplete`,
      digest: file.sha256,
      onProgress: this.#onProgress,
    };
    await this.#writing(() =>
      withFileLock(`${path}.lock`, connection.signal, async () => {
        if (await isFile(path)) return;
        await downloadFile(connection, download);
        await rename(download.partial, path);
      }),
    );
    return path;
  }

  #absent(url: URL): DownloadError {
    return new DownloadError(
      url,
      `is not in the cache ${this.#cacheDir}, and offline mode asks nobody: load it once with the network on (HF_HUB_OFFLINE=0), ` +
        "or give a data directory that holds it",
    );
  }

  /** A cache that cannot be written to is named. */
  async #writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      const path = error.path ?? this.#cacheDir;
      throw new DatasetFileError(path, `cannot be written to (${error.code})`, { cause: error });
    }
  }
}

/** It becomes part of a path. */
function checkRevision(revision: string): string {
  const isSafe = /^[\w.-]+(\/[\w.-]+)*$/.test(revision) && !revision.split("/").some((part) => /^\.+$/.test(part));
  if (!isSafe) throw new UsageError(`"${revision}" is not a branch, tag or commit of a dataset repository`);
  return revision;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
