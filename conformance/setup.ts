import { join } from "node:path";
import { ensureOnnxRuntime } from "./onnx-runtime.js";
import { ensurePython } from "./python.js";
import { runOrThrow } from "./run.js";
import { ensureTinkerSdks } from "./tinker-sdk/sdk-python.js";
import { ensureTinyModel } from "./tiny-model.js";
import { ensureTuft } from "./tuft/tuft-python.js";

/**
 * Runs once before the suites. A peer that cannot be prepared is said here, and the suites that need it are skipped.
 *
 * @throws Error when our own code does not build.
 */
export default async function setup(): Promise<void> {
  const start = performance.now();
  const log = (line: string): void => console.log(`conformance: ${line}`);
  const attempt = async (what: string, ensure: (log: (line: string) => void) => Promise<void>): Promise<void> => {
    try {
      await ensure(log);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(`\nconformance: NO ${what.toUpperCase()}: suites that need it are SKIPPED\n${reason}\n`);
    }
  };
  // The command line is tested as it is built: never an older build than the sources.
  await runOrThrow("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, ".."), timeoutMs: 600_000 });
  await Promise.all([
    attempt("Python environment", ensurePython).then(() =>
      Promise.all([attempt("tiny model", ensureTinyModel), attempt("TuFT", ensureTuft)]),
    ),
    attempt("ONNX runtime", ensureOnnxRuntime),
    attempt("Tinker SDK", ensureTinkerSdks),
  ]);
  log(`set up in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
