import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** Reference data that is no part of the project; tests that need it are skipped, saying so, where it is absent. */
const SHARED = process.env["PKA_SHARED"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
export const HAS_SHARED = existsSync(SHARED);
export const SKIPPED = HAS_SHARED ? "" : " (skipped: PKA_SHARED not found)";

export function readShared(path: string): Buffer {
  const bytes = readFileSync(`${SHARED}/${path}`);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}
