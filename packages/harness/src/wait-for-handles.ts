import { type FileHandle, open } from "node:fs/promises";
import { errorCode, sleep, systemClock } from "@pka/core";

/** What the writing of a result opens at once, and a few to spare. */
const NUM_HANDLES = 8;
/** Together longer than connections are kept alive that nobody uses. */
const MAX_WAITS = 20;
const WAIT_MS = 500;

/**
 * Returns when this process can open some more files, or after 10 s. At the end of a run its connections may hold every handle
 * that it may have, and give them back a few seconds later.
 *
 * @param path - A file or folder that can be read.
 */
export async function waitForHandles(path: string): Promise<void> {
  for (let waits = 0; waits < MAX_WAITS && !(await canOpen(path)); waits++) await sleep(systemClock, WAIT_MS);
}

async function canOpen(path: string): Promise<boolean> {
  const handles: FileHandle[] = [];
  try {
    while (handles.length < NUM_HANDLES) handles.push(await open(path, "r"));
    return true;
  } catch (error) {
    return !["EMFILE", "ENFILE"].includes(errorCode(error) ?? "");
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}
