import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { OutputError } from "../errors.js";
import { syncFolder } from "../sync-folder.js";

const CHUNK_CHARS = 1 << 20;

/**
 * Write ASCII text that comes in pieces to a file. It appears whole or not at all: it is written under another name, synced and renamed.
 *
 * @throws OutputError when it cannot be written; an older file then stays as it was.
 */
export async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  // Whoever writes here holds the journal's lock, so the name needs not be unique and a crash leaves one such file at most.
  const temporary = `${path}.tmp`;
  try {
    const file = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0),
      0o666,
    );
    try {
      let text = "";
      for (const piece of pieces) {
        text += piece;
        if (text.length < CHUNK_CHARS) continue;
        await writeFully(file, text);
        text = "";
      }
      await writeFully(file, text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new OutputError(path, "cannot write the result file", error);
  }
}

async function writeFully(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text, "latin1");
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
