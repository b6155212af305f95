import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/**
 * Reference data that is no part of the project, such as the paper's result files. `PKA_SHARED` says where it is; tests that need
 * it are skipped, saying so, where it is absent.
 */
export const SHARED = process.env["PKA_SHARED"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
export const HAS_SHARED = existsSync(SHARED);
/** What the title of a test that needs the data ends with. */
export const SKIPPED = HAS_SHARED ? "" : " (skipped: PKA_SHARED not found)";

/** A file of the reference data, unpacked. */
export function readShared(path: string): Buffer {
  const bytes = readFileSync(join(SHARED, path));
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}
