import { join } from "node:path";
import { prepareCounterparts } from "./counterparts.js";
import { runOrThrow } from "./run.js";

/**
 * Runs once before the suites.
 *
 * @throws Error when our own code does not build.
 */
export default async function setup(): Promise<void> {
  const start = performance.now();
  const log = (line: string): void => console.log(`conformance: ${line}`);
  // The command line is tested as it is built: never an older build than the sources.
  await runOrThrow("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, ".."), timeoutMs: 600_000 });
  await prepareCounterparts(log);
  log(`set up in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
