import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { writeWhole } from "@pka/core/node";

/** Write a JSON file that appears whole or not at all; folders are made as needed. */
export async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, `${JSON.stringify(value)}\n`);
}
