import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "@pka/core";
import { isRunning } from "@pka/core/node";
import { z } from "zod";

const POLL_MS = 100;
const HEARTBEAT_MS = 5_000;
/** A holder that has not shown itself for this long is gone, wherever it ran. */
const STALE_MS = 60_000;

const ownerSchema = z.object({ pid: z.number().int(), host: z.string() });

/**
 * Run `work` while holding the lock file at `path`, so that of several loads, in this process or others, one downloads and
 * the rest wait. The lock of a process that died is taken over.
 */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  while (!(await tryAcquire(path))) {
    const abandoned = await readIfAbandoned(path);
    if (abandoned !== undefined) await takeAway(path, abandoned);
    else await sleep(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function tryAcquire(path: string): Promise<boolean> {
  try {
    const handle = await open(path, "wx");
    await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() }));
    await handle.close();
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") return false;
    // Windows refuses a name whose file is just being deleted.
    if (code === "EPERM" && (await stat(path).catch(() => undefined)) !== undefined) return false;
    throw error;
  }
}

/** The content of the lock, if whoever holds it is gone. */
async function readIfAbandoned(path: string): Promise<string | undefined> {
  try {
    const content = await readFile(path, "utf8");
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > STALE_MS) return content;
    const owner = ownerSchema.safeParse(JSON.parse(content));
    return owner.success && owner.data.host === hostname() && !isRunning(owner.data.pid) ? content : undefined;
  } catch {
    // Released a moment ago, or created and not yet written.
    return undefined;
  }
}

/** Remove the abandoned lock, and only that: another waiter may have removed it and taken the lock since it was read. */
async function takeAway(path: string, abandoned: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, "utf8")) !== abandoned) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}
