import { type Checkpoint, readCheckpoint, trainingState } from "./checkpoint.js";
import type { Engine, EngineSamplingClient, EngineTrainingClient, TrainingClientOptions } from "./engine.js";
import { CheckpointError, EngineClosedError } from "./errors.js";
import { LocalTrainingClient } from "./local-training-client.js";
import type { ModelConfig } from "./model-config.js";
import { Sampler } from "./sampler.js";
import { Trainer } from "./trainer.js";
import { WordTokenizer } from "./word-tokenizer.js";

/** The engine in the calling thread. */
export class LocalEngine implements Engine {
  readonly config: ModelConfig;
  readonly tokenizer: WordTokenizer;
  readonly #checkpoint: Checkpoint;
  /** All weights of the opened model, adapters merged in. */
  readonly #weights: Float32Array;
  readonly #sampler: Sampler;
  #closed = false;

  constructor(checkpoint: Checkpoint, { seed }: { readonly seed: number }) {
    this.config = checkpoint.config;
    this.tokenizer = new WordTokenizer(checkpoint.words);
    this.#checkpoint = checkpoint;
    this.#weights = mergedWeights(checkpoint);
    this.#sampler = new Sampler(checkpoint.config, seed);
  }

  async samplingClient(path?: string): Promise<EngineSamplingClient> {
    this.#checkOpen();
    if (path === undefined) return this.#samplingClient(this.#weights);
    const checkpoint = await readCheckpoint(path);
    this.#checkFits(checkpoint, path);
    return this.#samplingClient(mergedWeights(checkpoint));
  }

  #samplingClient(weights: Float32Array): EngineSamplingClient {
    return {
      sample: (request) => this.#sampler.sample(weights, request),
      computeLogprobs: async (tokens) => this.#sampler.computeLogprobs(weights, tokens),
      topLogprobs: async (tokens, k) => this.#sampler.topLogprobs(weights, tokens, k),
    };
  }

  async trainingClient(options: TrainingClientOptions = {}): Promise<EngineTrainingClient> {
    this.#checkOpen();
    const { config, words, seed } = this.#checkpoint;
    const trainer = new Trainer(config, this.#weights, { lora: options.lora, seed: options.seed });
    return new LocalTrainingClient(trainer, {
      checkOpen: () => this.#checkOpen(),
      directory: options.directory,
      model: { config, words, seed },
      read: async (path) => {
        const checkpoint = await readCheckpoint(path);
        this.#checkFits(checkpoint, path);
        return checkpoint;
      },
      samplingClient: (weights) => this.#samplingClient(weights),
    });
  }

  /** @throws CheckpointError when the checkpoint is of another model. */
  #checkFits({ config, words }: Checkpoint, path: string): void {
    for (const [field, value] of Object.entries(config)) {
      const own = this.config[field as keyof ModelConfig];
      if (value === own) continue;
      throw new CheckpointError(path, "config", `${field} is ${value}, and the opened model's is ${own}`);
    }
    const at = words.findIndex((word, i) => word !== this.tokenizer.words[i]);
    if (at < 0) return;
    throw new CheckpointError(
      path,
      "words",
      `word ${at} is "${words[at]}", and the opened model's is "${this.tokenizer.words[at]}"`,
    );
  }

  #checkOpen(): void {
    if (this.#closed) throw new EngineClosedError("the engine is closed");
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sampler.close();
  }
}

/** The weights to compute with: those of the file, plus the adapters if there are any. */
function mergedWeights(checkpoint: Checkpoint): Float32Array {
  const { config, weights, lora } = checkpoint;
  if (!lora) return weights;
  const trainer = new Trainer(config, weights, { lora: lora.config });
  trainer.load(trainingState(checkpoint), { optimizer: false });
  return trainer.model.copyWeights();
}
