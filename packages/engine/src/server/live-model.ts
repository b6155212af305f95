import { UsageError } from "@pka/core";
import type { OptimStepRequest } from "@pka/tinker/wire";
import { adamParamsSchema } from "@pka/tinker/wire";
import type { EngineTrainingClient } from "../engine.js";
import { EngineInputError } from "../errors.js";
import type { BaseModel } from "./base-models.js";
import type { Futures } from "./futures.js";
import { OrderedQueue } from "./ordered-queue.js";
import type { CheckpointRecord, RunRecord } from "./records.js";
import { type PassInput, runForwardBackward } from "./run-forward-backward.js";
import { pathOf, type Store } from "./store.js";

/** One model in training: its weights, and the queue of what is done to them. */
export class LiveModel {
  readonly queue: OrderedQueue;
  readonly #run: RunRecord;
  readonly #store: Store;
  readonly base: BaseModel;
  readonly #client: EngineTrainingClient;
  /** Passes whose gradient waits for a step, and whether one of them failed. */
  #numGradients = 0;
  #hasFailedPass = false;

  constructor(
    run: RunRecord,
    { base, client }: { readonly base: BaseModel; readonly client: EngineTrainingClient },
    services: { readonly store: Store; readonly futures: Futures; readonly gapTimeoutMs: number },
  ) {
    this.#run = run;
    this.base = base;
    this.#client = client;
    this.#store = services.store;
    this.queue = new OrderedQueue(services.futures, services);
  }

  get run(): RunRecord {
    return this.#store.runs.get(this.#run.id) ?? this.#run;
  }

  /** @param read - Gives the request, or throws what is wrong with it. */
  async forwardBackward(read: () => PassInput): ReturnType<typeof runForwardBackward> {
    let isForwardOnly = false;
    try {
      const request = read();
      isForwardOnly = request.forwardOnly;
      const output = await runForwardBackward(this.#client, this.base.codec, request);
      if (!isForwardOnly) this.#numGradients += 1;
      return output;
    } catch (error) {
      if (!isForwardOnly) this.#hasFailedPass = true;
      throw error;
    }
  }

  /** @throws EngineInputError after nothing but failed passes, so that no step is taken on no gradient. */
  async optimStep(request: OptimStepRequest): Promise<Readonly<Record<string, number>>> {
    const [hasFailedPass, numGradients] = [this.#hasFailedPass, this.#numGradients];
    [this.#hasFailedPass, this.#numGradients] = [false, 0];
    if (request.optimizer_params && request.optimizer_params.type !== "adamw") {
      throw new EngineInputError(
        `optimizer "${request.optimizer_params.type}" is not implemented by this server; use adamw`,
      );
    }
    if (hasFailedPass && numGradients === 0) {
      throw new EngineInputError("there is no gradient to step on: the forward_backward before this step failed");
    }
    const adam = adamParamsSchema.parse(request.adam_params ?? {});
    const { metrics } = await this.#client.optimStep({
      learningRate: adam.learning_rate,
      beta1: adam.beta1,
      beta2: adam.beta2,
      eps: adam.eps,
      weightDecay: adam.weight_decay,
      gradClipNorm: Math.max(0, adam.grad_clip_norm),
    });
    return metrics;
  }

  /** Write a checkpoint. @returns Its path. @throws UsageError for a name that is taken or impossible. */
  async save(
    kind: CheckpointRecord["kind"],
    name: string,
    options: { ttlSeconds: number | null; overwrite: boolean; userMetadata: Record<string, unknown> },
  ): Promise<string> {
    const { ttlSeconds, overwrite, userMetadata } = options;
    const checkpoint = { runId: this.#run.id, kind, name };
    if (!overwrite && this.#store.has(pathOf(checkpoint))) {
      throw new UsageError(`${pathOf(checkpoint)} exists already: choose another name, or overwrite it`);
    }
    if (ttlSeconds !== null && ttlSeconds <= 0)
      throw new UsageError(`ttl_seconds is ${ttlSeconds}, and must be above 0`);
    if (kind === "weights") await this.#client.saveState(name);
    else await this.#client.saveWeightsForSampler(name);
    const createdAt = Date.now();
    const expiresAt = ttlSeconds === null ? null : createdAt + ttlSeconds * 1000;
    return this.#store.saveCheckpoint({ ...checkpoint, createdAt, isPublic: false, expiresAt, userMetadata });
  }

  /** @throws UsageError when the checkpoint is of another base model or cannot be trained on; CheckpointError for another rank. */
  async load(path: string, { optimizer }: { readonly optimizer: boolean }): Promise<void> {
    const checkpoint = this.#store.checkpoint(path);
    if (checkpoint.kind !== "weights") {
      throw new UsageError(`${path} is for sampling only; training goes on from tinker://…/weights/…`);
    }
    const { baseModel } = this.#store.run(checkpoint.runId);
    if (baseModel !== this.#run.baseModel) {
      throw new UsageError(`${path} is a checkpoint of ${baseModel}, and this model is ${this.#run.baseModel}`);
    }
    await this.#client.loadState(this.#store.fileOf(checkpoint), { optimizer });
    [this.#hasFailedPass, this.#numGradients] = [false, 0];
  }

  /** A sampling client on the weights as they are now. */
  snapshot(): ReturnType<EngineTrainingClient["saveWeightsAndGetSamplingClient"]> {
    return this.#client.saveWeightsAndGetSamplingClient();
  }
}
