import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is a file system of its own. */
export interface SmallDisk {
  readonly folder: string;
  /** @param size - As `mount` takes it: `256k`, `16m`. */
  resize(size: string): void;
  unmount(): void;
}

/** Mounts a disk of `size`; `undefined` where that is not allowed: it takes root, on Linux. */
export function mountSmallDisk(size: string): SmallDisk | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "pka-disk-"));
  const mount = (options: string) => spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status === 0;
  if (!mount(`size=${size}`)) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    resize(newSize) {
      if (!mount(`size=${newSize},remount`)) throw new Error(`${folder} could not be made ${newSize} large`);
    },
    unmount() {
      spawnSync("umount", [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
