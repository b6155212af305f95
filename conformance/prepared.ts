import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MARKER = ".prepared";

/** Hex sha256 of what a folder is made from: it is made again when this changes. */
export function hashOf(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** Was `folder` made to its end, from what `hash` stands for? */
export function isPrepared(folder: string, hash: string): boolean {
  const marker = join(folder, MARKER);
  return existsSync(marker) && readFileSync(marker, "utf8") === hash;
}

/** Make `folder` anew with `make`, unless it is there already. Half-made folders do not count. */
export async function prepare(folder: string, hash: string, make: () => Promise<unknown>): Promise<void> {
  if (isPrepared(folder, hash)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await make();
  writeFileSync(join(folder, MARKER), hash);
}
