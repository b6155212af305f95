import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, isPrepared, prepare } from "./prepared.js";
import { runOrThrow } from "./run.js";

const folder = join(import.meta.dirname, ".onnx");
const manifest = JSON.stringify({ private: true, dependencies: { "@huggingface/transformers": "4.3.1" } });
const wanted = hashOf(manifest, process.platform, process.arch);

/** A folder with `@huggingface/transformers` in its node_modules, as a user would have; `null` where it could not be installed. */
export function onnxRuntime(): string | null {
  return isPrepared(folder, wanted) ? folder : null;
}

/** @throws Error when npm cannot install it. */
export async function ensureOnnxRuntime(log: (line: string) => void): Promise<void> {
  await prepare(folder, wanted, async () => {
    log("installing @huggingface/transformers into .onnx (once; about 480 MB)");
    writeFileSync(join(folder, "package.json"), manifest);
    await runOrThrow("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
      cwd: folder,
      env: { ONNXRUNTIME_NODE_INSTALL: "skip" },
      timeoutMs: 600_000,
    });
  });
}
