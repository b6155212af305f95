import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { OutputError } from "./errors.js";
import { syncFolder } from "./sync-folder.js";

/**
 * Give a file new content, which appears whole or not at all: it is written under another name, synced and renamed.
 *
 * @param problem - What an error says: `cannot …`.
 * @param write - Writes the content from its beginning to its end.
 * @param beforeRename - Done once the content is safe, while the old file is still there.
 * @throws OutputError when it cannot be written; an older file then stays as it was.
 */
export async function replaceFile(
  path: string,
  problem: string,
  write: (file: FileHandle) => Promise<void>,
  beforeRename?: () => Promise<void>,
): Promise<void> {
  // Whoever writes here holds the journal's lock, so the name needs not be unique and a crash leaves one such file at most.
  const temporary = `${path}.tmp`;
  try {
    const file = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0),
      0o666,
    );
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeRename?.();
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error instanceof OutputError ? error : new OutputError(path, problem, error);
  }
}
