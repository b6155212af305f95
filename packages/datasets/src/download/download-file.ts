import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DownloadError, isFileSystemError } from "../errors.js";
import { type Connection, connectionError, request, type RequestOptions } from "./request.js";
import { withRetries } from "./with-retries.js";

/** How far one file's download is. */
export interface DownloadProgress {
  /** Such as `mandarjoshi/trivia_qa/rc.nocontext/validation-00000-of-00001.parquet`. */
  readonly file: string;
  readonly doneBytes: number;
  /** `null` where the server does not say. */
  readonly totalBytes: number | null;
}

export interface Download {
  readonly url: URL;
  /** What progress calls it. */
  readonly file: string;
  /** Where the bytes go. What an earlier, broken download left here is continued if `digest` can tell whether that was right. */
  readonly partial: string;
  /** Bytes, where known. */
  readonly size?: number | undefined;
  /** Hex: 64 digits of sha256, or 40 of a git blob's sha1. */
  readonly digest?: string | undefined;
  readonly token?: string | undefined;
  readonly explain?: RequestOptions["explain"];
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** No dataset file is near this. */
const MAX_BYTES = 8 * 1024 ** 3;
/** Without a byte for this long, a connection counts as dead. */
const IDLE_MS = 60_000;

/**
 * GET a file into `partial`, across interruptions, and check size and hash.
 *
 * @returns The sha256 of the whole file, in hex.
 * @throws DownloadError when it cannot be had, is not what its hash says, or has more than 8 GiB.
 */
export async function downloadFile(connection: Connection, download: Download): Promise<string> {
  const { url, partial, size, digest } = download;
  await mkdir(dirname(partial), { recursive: true });
  if (digest === undefined) await rm(partial, { force: true });
  const inherited = await sizeOf(partial);
  let best = inherited;

  await withRetries(connection, () => appendBody(connection, download), {
    hasProgressed: async () => {
      const grown = (await sizeOf(partial)) > best;
      best = Math.max(best, await sizeOf(partial));
      return grown;
    },
  });

  const received = await sizeOf(partial);
  const sha256 = await hashFile(partial, createHash("sha256"));
  const found =
    digest?.length === 40 ? await hashFile(partial, createHash("sha1").update(`blob ${received}\0`)) : sha256;
  if ((size ?? received) === received && (digest ?? found) === found) return sha256;

  await rm(partial, { force: true });
  if (inherited > 0) {
    connection.logger.warn(`${download.file}: the interrupted download does not fit what is there now; starting over`);
    return downloadFile(connection, download);
  }
  const expected = digest === undefined ? `${size} bytes` : `${size ?? "any number of"} bytes with hash ${digest}`;
  throw new DownloadError(
    url,
    `what arrived is not what was announced: expected ${expected}, got ${received} with ${found}`,
  );
}

/** One request for what is missing of the file. Resolves when the server has sent all it announced. */
async function appendBody(connection: Connection, download: Download): Promise<void> {
  const { url, file, partial, size, digest, token, explain, onProgress } = download;
  let start = digest === undefined ? 0 : await sizeOf(partial);
  if (size !== undefined && start >= size) return;

  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`no data for ${IDLE_MS / 1000} s`)), IDLE_MS);
  try {
    const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
    const response = await request(connection, url, { method: "GET", headers, token, explain, signal: idle.signal });
    if (start > 0 && !continuesAt(response, start)) start = 0;
    const total = size ?? announcedSize(response, start);
    const limit = total ?? MAX_BYTES;
    if (limit > MAX_BYTES) throw new DownloadError(url, `has ${total} bytes; the limit is ${MAX_BYTES}`);

    let done = start;
    const report = () => onProgress?.({ file, doneBytes: done, totalBytes: total ?? null });
    const count = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        timer.refresh();
        done += chunk.length;
        if (done > limit) throw new DownloadError(url, `sends more than the ${limit} bytes it may`);
        report();
        yield chunk;
      }
    };
    report();
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    await pipeline(body, count, createWriteStream(partial, { flags: start > 0 ? "a" : "w", flush: true }));
    if (total !== undefined && done < total) throw new Error(`ended after ${done} of ${total} bytes`);
  } catch (error) {
    connection.signal?.throwIfAborted();
    if (error instanceof DownloadError) {
      // 416: the file ends before what is here of it. Without that, the next try asks for the whole.
      if (error.status !== 416 || start === 0) throw error;
      await rm(partial, { force: true });
      throw new DownloadError(url, "ends before what an earlier download left", { isRetryable: true, cause: error });
    }
    if (isFileSystemError(error)) throw error;
    throw connectionError(url, idle.signal.aborted ? idle.signal.reason : error);
  } finally {
    clearTimeout(timer);
  }
}

/** A server may ignore the range asked for and send the file from its beginning. */
function continuesAt(response: Response, start: number): boolean {
  return response.status === 206 && (response.headers.get("content-range") ?? "").startsWith(`bytes ${start}-`);
}

function announcedSize(response: Response, start: number): number | undefined {
  const { headers } = response;
  const length = headers.get("content-length");
  // Of a compressed body, the length counts bytes that never get here.
  return length === null || headers.has("content-encoding") ? undefined : start + Number(length);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function hashFile(path: string, hash: Hash): Promise<string> {
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
