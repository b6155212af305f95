import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ONE_THREAD, pythonProgram } from "./python.js";
import { type ServerProgram, startServerProgram } from "./server-program.js";
import { modelsFolder, TINY_MODEL } from "./tiny-model.js";

/** `transformers serve` with the tiny model. @throws Error with the server's last words when it does not become healthy. */
export async function startTransformersServer(): Promise<ServerProgram> {
  // It looks for what it has cached even when offline, and fails where the folder is not there.
  const home = join(import.meta.dirname, ".cache", "huggingface");
  mkdirSync(join(home, "hub"), { recursive: true });
  const flags = ["--device", "cpu", "--dtype", "float32"];
  return startServerProgram(pythonProgram("transformers"), {
    args: (port) => ["serve", TINY_MODEL, "--host", "127.0.0.1", "--port", port, ...flags],
    // The model is named as clients name it, so it is started beside the model's folder.
    cwd: modelsFolder,
    env: { ...ONE_THREAD, HF_HOME: home, HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "" },
    healthPath: "/health",
  });
}
