import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { errorCode } from "@pka/core";
import { isRunning } from "@pka/core/node";
import { RunFolderError } from "./errors.js";

/**
 * Make this process the only one that writes a run folder, until the returned function is called. A lock that a dead process of this
 * computer left behind is taken over.
 *
 * @throws RunFolderError when another process holds it, or one on another computer may.
 */
export function lockFolder(path: string): () => void {
  const own = `${process.pid} ${hostname()}\n`;
  try {
    writeFileSync(path, own, { flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    const owner = readFileSync(path, "utf8").trim();
    const [pid = "", host = ""] = owner.split(" ");
    if (owner !== "" && (host !== hostname() || isRunning(Number(pid)))) {
      throw new RunFolderError(
        path,
        `process ${pid} on ${host} writes this run. Wait for it or stop it; if it does not run any more, delete this file`,
      );
    }
    writeFileSync(path, own);
  }
  return () => rmSync(path, { force: true });
}
