import type { FileHandle } from "node:fs/promises";
import { replaceFile } from "../replace-file.js";

const CHUNK_CHARS = 1 << 20;

/**
 * Write ASCII text that comes in pieces to a file. It appears whole or not at all.
 *
 * @throws OutputError when it cannot be written; an older file then stays as it was.
 */
export async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  await replaceFile(path, "cannot write the result file", async (file) => {
    let text = "";
    for (const piece of pieces) {
      text += piece;
      if (text.length < CHUNK_CHARS) continue;
      await writeText(file, text);
      text = "";
    }
    await writeText(file, text);
  });
}

async function writeText(file: FileHandle, text: string): Promise<void> {
  await file.writeFile(Buffer.from(text, "latin1"));
}
