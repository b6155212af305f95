import { ensureOnnxRuntime } from "./onnx-runtime.js";
import { ensurePython } from "./python.js";
import { ensureTinyModel } from "./tiny-model.js";

/** Runs once before the suites. What cannot be prepared is said here, and the suites that need it are skipped. */
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
  await Promise.all([
    attempt("Python environment", ensurePython).then(() => attempt("tiny model", ensureTinyModel)),
    attempt("ONNX runtime", ensureOnnxRuntime),
  ]);
  log(`set up in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
