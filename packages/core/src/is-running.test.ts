import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { isRunning } from "./is-running.js";

test("this process and the first one run; one that has ended and no number at all do not", () => {
  expect(isRunning(process.pid)).toBe(true);
  if (process.platform !== "win32") expect(isRunning(1)).toBe(true);
  expect(isRunning(spawnSync(process.execPath, ["-e", ""]).pid)).toBe(false);
  expect(isRunning(Number.NaN)).toBe(false);
});
