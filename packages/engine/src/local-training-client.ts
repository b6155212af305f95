import { join } from "node:path";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { type AdamParams, type Datum, type ForwardResult, type LossFn, type LossFnConfig, UsageError } from "@pka/core";
import { type Checkpoint, trainingState, writeCheckpoint } from "./checkpoint.js";
import type { EngineSamplingClient, EngineTrainingClient } from "./engine.js";
import { CheckpointError } from "./errors.js";
import type { LoraConfig } from "./lora.js";
import type { Trainer } from "./trainer.js";

/** What a training client needs from the engine that made it. */
interface Surroundings {
  /** @throws EngineClosedError once the engine is closed. */
  readonly checkOpen: () => void;
  readonly directory: string | undefined;
  /** What its checkpoints say of the model. */
  readonly model: Pick<Checkpoint, "config" | "words" | "seed">;
  /** Reads a checkpoint of the same model. */
  readonly read: (path: string) => Promise<Checkpoint>;
  readonly samplingClient: (weights: Float32Array) => EngineSamplingClient;
}

/** A trainer behind the asynchronous interface: one call after another, in the order in which they were made. */
export class LocalTrainingClient implements EngineTrainingClient {
  readonly #trainer: Trainer;
  readonly #surroundings: Surroundings;
  #last: Promise<unknown> = Promise.resolve();

  constructor(trainer: Trainer, surroundings: Surroundings) {
    this.#trainer = trainer;
    this.#surroundings = surroundings;
  }

  /** Run `work` after all earlier calls, whether they succeeded or not; the event loop turns in between. */
  #enqueue<T>(work: () => T | Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      await turnOfEventLoop();
      this.#surroundings.checkOpen();
      return work();
    };
    const result = this.#last.then(run);
    // The caller gets the error; the queue goes on.
    this.#last = result.catch(() => undefined);
    return result;
  }

  forward(datums: readonly Datum[], lossFn: LossFn, config?: LossFnConfig): Promise<ForwardResult> {
    return this.#enqueue(() => this.#trainer.forward(datums, lossFn, config));
  }

  forwardBackward(datums: readonly Datum[], lossFn: LossFn, config?: LossFnConfig): Promise<ForwardResult> {
    return this.#enqueue(() => this.#trainer.forwardBackward(datums, lossFn, config));
  }

  /** `metrics.grad_norm` is the gradient's norm before clipping. */
  optimStep(params: AdamParams): Promise<{ readonly metrics: Readonly<Record<string, number>> }> {
    return this.#enqueue(() => ({ metrics: { grad_norm: this.#trainer.optimStep(params).gradNorm } }));
  }

  saveState(name: string): Promise<string> {
    return this.#enqueue(async () => {
      const path = this.#path("weights", name);
      const { step, weights, adapters, first, second } = this.#trainer.state();
      const { lora } = this.#trainer;
      await writeCheckpoint(path, {
        ...this.#surroundings.model,
        weights,
        ...(lora && adapters && { lora: { config: lora.config, adapters } }),
        optimizer: { step, first, second },
      });
      return path;
    });
  }

  /** @throws CheckpointError when the file is damaged, of another model, or lacks what is asked for. */
  loadState(path: string, { optimizer = false }: { readonly optimizer?: boolean } = {}): Promise<void> {
    return this.#enqueue(async () => {
      const checkpoint = await this.#surroundings.read(path);
      this.#checkLora(checkpoint, path, optimizer);
      if (optimizer && !checkpoint.optimizer) {
        throw new CheckpointError(path, "step", "is missing: the file has weights only, no optimizer state");
      }
      this.#trainer.load(trainingState(checkpoint), { optimizer });
    });
  }

  #checkLora({ lora: saved }: Checkpoint, path: string, optimizer: boolean): void {
    const { lora } = this.#trainer;
    const own = lora ? describe(lora.config) : "no adapters";
    if (saved && describe(saved.config) !== own) {
      throw new CheckpointError(path, "lora", `has ${describe(saved.config)}, and this client has ${own}`);
    }
    if (!saved && lora && optimizer) {
      throw new CheckpointError(
        path,
        "lora",
        "is missing: the optimizer state belongs to all weights, and this client trains adapters",
      );
    }
  }

  saveWeightsForSampler(name: string): Promise<string> {
    return this.#enqueue(async () => {
      const path = this.#path("sampler_weights", name);
      const { weights, adapters } = this.#trainer.state();
      const { lora } = this.#trainer;
      await writeCheckpoint(path, {
        ...this.#surroundings.model,
        weights,
        ...(lora && adapters && { lora: { config: lora.config, adapters } }),
      });
      return path;
    });
  }

  saveWeightsAndGetSamplingClient(): Promise<EngineSamplingClient> {
    return this.#enqueue(() => this.#surroundings.samplingClient(this.#trainer.model.copyWeights()));
  }

  /** @throws UsageError without a directory, or for a name that would leave it. */
  #path(kind: "weights" | "sampler_weights", name: string): string {
    const { directory } = this.#surroundings;
    if (directory === undefined) {
      throw new UsageError("this training client has no folder to save to: give trainingClient({ directory })");
    }
    if (!/^[\w-][\w.-]*$/.test(name)) {
      throw new UsageError(`checkpoint name "${name}": use letters, digits, "_", "-" and ".", not first`);
    }
    return join(directory, kind, `${name}.safetensors`);
  }
}

function describe({ rank, alpha, matrices }: Required<LoraConfig>): string {
  return `rank ${rank} and alpha ${alpha}${matrices === "all" ? "" : ` on ${matrices} only`}`;
}
