import { join } from "node:path";
import { ONE_THREAD, python } from "./python.js";
import { runOrThrow } from "./run.js";
import { tinyModel } from "./tiny-model.js";

interface GreedyContinuation {
  /** Ids of the prompt. */
  readonly prompt: readonly number[];
  /** Ids of the continuation, end token included, by two engines. */
  readonly torch: readonly number[];
  readonly onnxruntime: readonly number[];
}

/** Up to 40 greedy tokens of the tiny model after each prompt, by PyTorch and by onnxruntime, both from Python. */
export async function greedyByOthers(prompts: readonly string[]): Promise<readonly GreedyContinuation[]> {
  const script = join(import.meta.dirname, "tiny-model", "greedy.py");
  const input = JSON.stringify({ prompts, max_tokens: 40 });
  const { stdout } = await runOrThrow(python()!, [script, tinyModel()!], {
    input,
    env: ONE_THREAD,
    timeoutMs: 120_000,
  });
  return JSON.parse(stdout);
}
