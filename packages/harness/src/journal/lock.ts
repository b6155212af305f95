import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "@pka/core";
import { z } from "zod";
import { JournalLockedError, OutputError } from "../errors.js";

const ownerSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** Tells a process from a later one with the same number; `null` where the system does not say. */
  processStart: z.string().nullable(),
  since: z.iso.datetime(),
});
type Owner = z.infer<typeof ownerSchema>;

/** How long a lock file may exist before its content does. */
const WRITE_MS = 500;

/**
 * Make this process the only writer of a journal, until the returned function is called. The lock is a file that names its owner;
 * one left behind by a process that is gone is taken over.
 *
 * @throws JournalLockedError when another process holds it, or one on another computer may.
 * @throws OutputError when the file cannot be written.
 */
export async function acquireLock(path: string): Promise<() => void> {
  const own = {
    pid: process.pid,
    host: hostname(),
    processStart: processStart(process.pid),
    since: new Date().toISOString(),
  };
  for (;;) {
    if (createExclusively(path, JSON.stringify(own))) return () => release(path, JSON.stringify(own));
    const content = await readOwner(path);
    if (content === undefined) continue;
    const owner = parseOwner(content);
    if (owner !== undefined && mayBeAlive(owner)) {
      throw new JournalLockedError(path, owner.pid, owner.host, owner.since, owner.host !== own.host);
    }
    // Of several processes that see the same dead owner only one may remove its file, and only while it is still that file.
    const releaseTakeover = await acquireLock(`${path}.takeover`);
    if (read(path) === content) rmSync(path, { force: true });
    releaseTakeover();
  }
}

function createExclusively(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // On a full disk the file is there and its content is not.
    if (read(path) === "") rmSync(path, { force: true });
    throw new OutputError(path, "cannot create the lock file", error);
  }
}

/** A lock file that cannot be removed is no reason to fail: the next process finds that its owner is gone. */
function release(path: string, content: string): void {
  try {
    if (read(path) === content) rmSync(path, { force: true });
  } catch {
    return;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new OutputError(path, "cannot read the lock file", error);
  }
}

/** The file's content once it is whole; `undefined` when the file is gone. */
async function readOwner(path: string): Promise<string | undefined> {
  const deadline = performance.now() + WRITE_MS;
  for (;;) {
    const content = read(path);
    if (content === undefined || parseOwner(content) !== undefined || performance.now() > deadline) return content;
    await sleep(20);
  }
}

function parseOwner(content: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
}

function mayBeAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
  }
  if (owner.processStart === null) {
    // Older than this computer's start: the number now belongs to another process. A minute for clocks that were set.
    return Date.parse(owner.since) > Date.now() - uptime() * 1000 - 60_000;
  }
  const start = processStart(owner.pid);
  return start === null || start === owner.processStart;
}

/** Boot and start time of a process that runs; `null` where the system does not say. */
function processStart(pid: number): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the command in parentheses, which may hold anything: state (3rd field) … start time (22nd).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "ended, but its parent has not noticed" : `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}
