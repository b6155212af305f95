import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, quote, UsageError } from "@pka/core";
import { exists } from "@pka/core/node";
import { TinkerError } from "./errors.js";
import { plainTar } from "./plain-tar.js";
import type { TinkerRestClient } from "./rest-client.js";

/** A checkpoint is a handful of files, or one per device. */
const MAX_ENTRIES = 10_000;

/** Options of `downloadCheckpoint`. */
export interface DownloadOptions {
  /** The folder that the checkpoint's own folder goes into. Default the current one. */
  readonly outputDir?: string | undefined;
  /** Replace a folder that is there. Default false. */
  readonly force?: boolean | undefined;
  /** Told how far it is; `totalBytes` is `undefined` where the server does not say. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A checkpoint on this disk. */
export interface Download {
  readonly folder: string;
  readonly files: readonly string[];
  /** Of the archive, as it came. */
  readonly bytes: number;
}

/**
 * Fetches a checkpoint's archive and unpacks it into a folder named after the checkpoint: `adapter_model.safetensors`,
 * `adapter_config.json` and whatever else is in it. The folder appears when it is complete.
 *
 * @throws UsageError when the folder exists · TinkerError.
 */
export async function downloadCheckpoint(
  rest: TinkerRestClient,
  path: string,
  options: DownloadOptions = {},
): Promise<Download> {
  const { outputDir = ".", force = false, onProgress, signal } = options;
  const folder = join(outputDir, path.replace("tinker://", "").replace(/[/:]/g, "_"));
  if (!force && (await exists(folder)))
    throw new UsageError(`${folder} exists: force its replacement, or choose another folder`);
  const { url } = await rest.getCheckpointArchiveUrl(path);
  await mkdir(outputDir, { recursive: true });
  const partial = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    // The URL is signed: no key goes there.
    const response = await fetch(url, { signal: signal ?? null }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new TinkerError(`the archive of ${path} could not be fetched: ${reason(error)}`, { kind: "connection" });
    });
    if (!response.ok || !response.body) {
      const kind = response.status >= 500 ? "overloaded" : "not-found";
      throw new TinkerError(`the archive's server answered ${response.status}`, { kind, status: response.status });
    }
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    const totalBytes = Number.isNaN(length) ? undefined : length;
    let bytes = 0;
    const counted = Readable.fromWeb(response.body).on("data", (part: Uint8Array) => {
      bytes += part.length;
      onProgress?.(bytes, totalBytes);
    });
    const refused: string[] = [];
    let numEntries = 0;
    const { extract } = await import("tar");
    const unpack = extract({
      cwd: partial,
      strict: true,
      filter: (name, entry) => {
        numEntries += 1;
        if (numEntries > MAX_ENTRIES) throw new Error(`it holds more than ${MAX_ENTRIES} files`);
        const isPlain = "type" in entry && ["File", "OldFile", "ContiguousFile", "Directory"].includes(entry.type);
        if (!isPlain) refused.push(name);
        return isPlain;
      },
    });
    await pipeline(Readable.from(plainTar(counted), { objectMode: false }), unpack, {
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new TinkerError(`the archive of ${path} could not be unpacked: ${reason(error)}`, { kind: "bad-reply" });
    });
    if (refused.length > 0) {
      throw new TinkerError(`the archive of ${path} holds a link or device, ${quote(refused[0]!)}`, {
        kind: "bad-reply",
      });
    }
    const files = await readdir(partial);
    if (files.length === 0) throw new TinkerError(`the archive of ${path} is empty`, { kind: "bad-reply" });
    if (force) await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
    return { folder, files: files.toSorted(), bytes };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return quote(messageOf(cause));
}
