import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UsageError } from "@pka/core";

/** Checkpoints that come with the package. */
export const SHIPPED_CHECKPOINTS = ["tiny", "tiny-base"] as const;

/**
 * The file of a checkpoint: one of {@link SHIPPED_CHECKPOINTS} by name, anything else is a path.
 * @throws UsageError when it is neither.
 */
export function checkpointFile(nameOrPath: string): string {
  const shipped = SHIPPED_CHECKPOINTS.find((name) => name === nameOrPath);
  // Sources and build both stand one folder below the package's root.
  if (shipped) return fileURLToPath(new URL(`../weights/${shipped}.safetensors`, import.meta.url));
  if (existsSync(nameOrPath)) return nameOrPath;
  const names = SHIPPED_CHECKPOINTS.join(", ");
  throw new UsageError(
    `there is no checkpoint "${nameOrPath}": give one of ${names}, or the path of a .safetensors file`,
  );
}
