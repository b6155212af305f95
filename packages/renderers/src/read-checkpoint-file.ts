import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, messageOf } from "@pka/core";
import { TokenizerFileError } from "./errors.js";

/** The text of one file of a checkpoint folder, or `undefined` where the folder has no such file. */
export async function readCheckpointText(folder: string, name: string): Promise<string | undefined> {
  const file = join(folder, name);
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new TokenizerFileError(file, `cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** A JSON object from one file of a checkpoint folder. @throws TokenizerFileError when it is missing or no JSON object. */
export async function readCheckpointJson(folder: string, name: string): Promise<Record<string, unknown>> {
  const file = join(folder, name);
  const text = await readCheckpointText(folder, name);
  if (text === undefined) {
    throw new TokenizerFileError(
      file,
      "not found. Give the folder of a Hugging Face checkpoint, with its tokenizer files",
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TokenizerFileError(file, `is not valid JSON: ${messageOf(cause)}. Download it again`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TokenizerFileError(file, "is not a JSON object. Download it again");
  }
  return { ...value };
}
