import { messageOf } from "@pka/core";
import { ensureOnnxRuntime } from "./onnx-runtime.js";
import { ensurePython } from "./python.js";
import { ensureTinkerSdks } from "./tinker-sdk/sdk-python.js";
import { ensureTinyModel } from "./tiny-model.js";
import { ensureWandb } from "./training/wandb-python.js";
import { ensureTuft } from "./tuft/tuft-python.js";

/** Install and make whatever the suites compare with. What cannot be had is said, and the suites that need it are skipped. */
export async function prepareCounterparts(log: (line: string) => void): Promise<void> {
  const attempt = async (what: string, ensure: (log: (line: string) => void) => Promise<void>): Promise<void> => {
    try {
      await ensure(log);
    } catch (error) {
      const reason = messageOf(error);
      console.error(`\nconformance: NO ${what.toUpperCase()}: suites that need it are SKIPPED\n${reason}\n`);
    }
  };
  await Promise.all([
    attempt("Python environment", ensurePython).then(() =>
      Promise.all([attempt("tiny model", ensureTinyModel), attempt("TuFT", ensureTuft)]),
    ),
    attempt("ONNX runtime", ensureOnnxRuntime),
    attempt("Tinker SDK", ensureTinkerSdks),
    attempt("wandb", ensureWandb),
  ]);
}
