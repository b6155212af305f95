import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ONE_THREAD } from "../python.js";
import { type ServerProgram, startServerProgram } from "../server-program.js";

export const TUFT_MODEL = "tiny/qwen3";
export const TUFT_KEY = "tml-conformance";
export const OTHER_KEY = "tml-somebody-else";

/**
 * TuFT with its toy backend: everything but the model is what it serves with. The toy predicts one number p per datum, where t is wanted:
 * its loss is Σ (p − t)², every logprob is −|p − t|, and after a prompt that ends with n it samples n + 1, n + 2, …
 * @throws Error with the server's last words when it does not become healthy.
 */
export async function startTuft(interpreter: string, folder: string): Promise<ServerProgram> {
  const model = join(folder, "tiny-qwen3");
  mkdirSync(model);
  // Enough for it to know which layers the model has.
  writeFileSync(
    join(model, "config.json"),
    JSON.stringify({ model_type: "qwen3", architectures: ["Qwen3ForCausalLM"] }),
  );
  const config = {
    supported_models: [{ model_name: TUFT_MODEL, model_path: model, max_model_len: 512 }],
    authorized_users: { [TUFT_KEY]: "tester", [OTHER_KEY]: "somebody else" },
  };
  // JSON is YAML.
  writeFileSync(join(folder, "tuft.yaml"), JSON.stringify(config));
  const launch = ["-m", "tuft", "launch", "--config", "tuft.yaml", "--checkpoint-dir", "checkpoints"];
  return startServerProgram(interpreter, {
    args: (port) => [...launch, "--host", "127.0.0.1", "--port", port],
    cwd: folder,
    env: { ...ONE_THREAD, TUFT_CPU_TEST: "1", TUFT_HOME: folder, HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "" },
    healthPath: "/api/v1/healthz",
  });
}
