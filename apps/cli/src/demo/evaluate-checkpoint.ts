import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Logger } from "@pka/core";
import { loadDataset } from "@pka/datasets";
import { type Engine, smallWorld } from "@pka/engine";
import { evaluate, type EvaluationReport, type RunProgress } from "@pka/harness";
import { samplingModel } from "@pka/models";
import { tinyRenderer } from "@pka/renderers";
import type { Interrupts } from "../interrupts.js";
import { provenance } from "../provenance.js";
import { DEMO_MAX_TOKENS, DEMO_SAMPLES } from "./demo-config.js";
import type { DemoCheckpoint } from "./demo-files.js";

/** Requests that the engine decodes together. */
const CONCURRENCY = 64;

export interface EvaluateCheckpointOptions {
  readonly engine: Engine;
  readonly checkpoint: DemoCheckpoint;
  /** File of its weights. */
  readonly weights: string;
  readonly thinking: boolean;
  readonly seed: number;
  readonly outputDir: string;
  readonly interrupts: Interrupts;
  readonly logger: Logger;
  readonly onProgress: (progress: RunProgress) => void;
}

/** Ask a checkpoint the two-hop questions about the people of the `test` split, whom no training asked about. */
export async function evaluateCheckpoint(options: EvaluateCheckpointOptions): Promise<EvaluationReport> {
  const { engine, checkpoint, weights, thinking, seed, outputDir, interrupts, logger, onProgress } = options;
  const dataset = await loadDataset("smallworld", { split: "test" });
  const twoHop = new Set(
    smallWorld()
      .questions.filter(({ hops }) => hops === 2)
      .map(({ question }) => question),
  );
  const sha256 = createHash("sha256")
    .update(await readFile(weights))
    .digest("hex");
  return evaluate({
    dataset: { ...dataset, examples: dataset.examples.filter(({ question }) => twoHop.has(question)) },
    model: samplingModel({
      id: "engine:tiny",
      fileName: "tiny",
      client: await engine.samplingClient(weights),
      renderer: tinyRenderer(engine.tokenizer),
      maxTokens: { qa: DEMO_MAX_TOKENS, math: DEMO_MAX_TOKENS },
      settings: { checkpointSha256: sha256 },
      isLocal: true,
    }),
    // From the output folder, so that the same demo leaves the same files wherever that is; the weights' hash tells them apart.
    checkpoint: { uri: relative(outputDir, weights).replaceAll("\\", "/"), name: checkpoint },
    cues: false,
    thinking,
    sampling: { temperature: 1, topP: 1 },
    samples: DEMO_SAMPLES,
    seed,
    concurrency: CONCURRENCY,
    outputDir,
    provenance: await provenance(),
    signal: interrupts.drain,
    abortSignal: interrupts.stop,
    logger,
    onProgress,
  });
}
