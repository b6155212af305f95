import { constants, existsSync } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { inspectCache } from "@pka/datasets";
import { type Check, failed, detailOf } from "./check.js";

const LOW_DISK_BYTES = 1e9;

/** Can it be written, or made, and is there room? Looks only; makes nothing. */
export async function checkFolder(name: string, folder: string): Promise<Check> {
  const path = resolve(folder);
  try {
    const existing = nearestExisting(path);
    if (!(await stat(existing)).isDirectory()) return { name, status: "failed", detail: `${existing} is not a folder` };
    await access(existing, constants.W_OK);
    const { bavail, bsize } = await statfs(existing);
    const free = bavail * bsize;
    const room = `${path}, ${(free / 1e9).toFixed(1)} GB free`;
    if (free >= LOW_DISK_BYTES) return { name, status: "ok", detail: room };
    return { name, status: "failed", detail: `${room}, and a run may need 1 GB` };
  } catch (error) {
    return { name, status: "failed", detail: `${path}: ${detailOf(error)}` };
  }
}

/** What is in the dataset cache, and is it what it says? */
export async function checkCache(cacheDir: string): Promise<Check> {
  const name = "cached datasets";
  try {
    const { numFiles, bytes, unfinished, damaged, missing } = await inspectCache(cacheDir);
    const size = `${numFiles} files, ${(bytes / 1e6).toFixed(1)} MB`;
    const broken = [
      ...damaged.map((path) => `${path} is damaged`),
      ...missing.map((path) => `${path} has lost its content`),
    ];
    if (broken.length > 0) {
      const detail = `${size}; ${broken.slice(0, 3).join("; ")}${broken.length > 3 ? "; …" : ""}: delete it, and it is fetched again`;
      return { name, status: "failed", detail };
    }
    const torn =
      unfinished.length > 0 ? `; ${unfinished.length} interrupted downloads, which the next load continues` : "";
    return { name, status: "ok", detail: size + torn };
  } catch (error) {
    return failed(name, error);
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
