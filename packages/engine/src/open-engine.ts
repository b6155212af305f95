import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import type { Engine } from "./engine.js";
import { LocalEngine } from "./local-engine.js";
import { checkpointFile } from "./shipped-checkpoints.js";
import { WorkerEngine } from "./worker-engine.js";

/** Options of `openEngine`. */
export interface OpenEngineOptions {
  /** Compute in a thread of its own, so that timers and servers in this one keep running. Default true. */
  readonly worker?: boolean;
  /** Seed of sampling requests that bring none. Default 0. */
  readonly seed?: number;
}

/**
 * Open a model.
 *
 * @param checkpoint - `"tiny"` or `"tiny-base"`, the path of a `.safetensors` file that this engine wrote, or a checkpoint in memory.
 * @throws UsageError for an unknown name; CheckpointError for a damaged or foreign file; EngineMemoryError when it does not fit.
 * @example
 * const engine = await openEngine("tiny");
 * const client = await engine.samplingClient();
 * const prompt = engine.tokenizer.encode(" Where does Welmira live?<think>");
 * const [completion] = await client.sample({ prompt, params: { maxTokens: 32 } });
 * await engine.close();
 */
export async function openEngine(checkpoint: string | Checkpoint, options: OpenEngineOptions = {}): Promise<Engine> {
  const { worker = true, seed = 0 } = options;
  const opened = typeof checkpoint === "string" ? await readCheckpoint(checkpointFile(checkpoint)) : checkpoint;
  return worker ? new WorkerEngine({ checkpoint: opened, seed }) : new LocalEngine(opened, { seed });
}
