import { spawnSync } from "node:child_process";

/** Whether a program can be started here: on Linux, and installed. */
export function hasProgram(name: string): boolean {
  return process.platform === "linux" && spawnSync(name, ["--version"], { stdio: "ignore" }).error === undefined;
}
