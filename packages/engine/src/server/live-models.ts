import { randomInt } from "node:crypto";
import { UsageError } from "@pka/core";
import type { CreateModelRequest, LoadWeightsRequest, LoraConfigJson } from "@pka/tinker/wire";
import { EngineInputError } from "../errors.js";
import { ApiError } from "./api-error.js";
import type { BaseModels } from "./base-models.js";
import type { Futures } from "./futures.js";
import { LiveModel } from "./live-model.js";
import type { RunRecord } from "./records.js";
import type { Sessions } from "./sessions.js";
import type { Store } from "./store.js";
import { Submissions } from "./submissions.js";

/** LoRA alpha is not on the wire; this is what the engine and other servers take. */
const LORA_ALPHA = 32;
const DEFAULT_LORA: LoraConfigJson = { rank: 32, train_unembed: true, train_mlp: true, train_attn: true };

interface Services {
  readonly store: Store;
  readonly futures: Futures;
  readonly sessions: Sessions;
  readonly baseModels: BaseModels;
  readonly gapTimeoutMs: number;
  readonly maxModels: number;
}

/** The models that are being trained. */
export class LiveModels {
  readonly #services: Services;
  readonly #models = new Map<string, LiveModel>();
  readonly #submissions = new Map<string, Submissions<string>>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** @returns The request's id. */
  create(request: CreateModelRequest, content: Uint8Array): string {
    const { session_id: sessionId, model_seq_id: number, base_model: baseModel, user_metadata: userMetadata } = request;
    return this.#submit(sessionId, number, content, async () => {
      checkOptimizer(request.optimizer_config);
      const lora = request.lora_config ?? DEFAULT_LORA;
      const model = await this.#add({ sessionId, number, baseModel, lora, userMetadata: userMetadata ?? {} });
      return { type: "create_model", model_id: model.run.id };
    });
  }

  /** A new model that goes on from a checkpoint, with its rank and flags. @returns The request's id. */
  createFrom(request: LoadWeightsRequest, content: Uint8Array): string {
    const { session_id: sessionId, model_seq_id: number, path, optimizer, user_metadata: userMetadata } = request;
    if (!sessionId || number === null || number === undefined) {
      throw new ApiError(422, "load_weights needs model_id, or session_id and model_seq_id");
    }
    return this.#submit(sessionId, number, content, async () => {
      checkOptimizer(request.optimizer_config);
      const { store } = this.#services;
      const from = store.run(store.checkpoint(path).runId);
      if (request.base_model && request.base_model !== from.baseModel) {
        throw new UsageError(`${path} is a checkpoint of ${from.baseModel}, not of ${request.base_model}`);
      }
      const { baseModel, loraRank: rank, trainAttn: train_attn, trainMlp: train_mlp } = from;
      const lora = { rank, train_attn, train_mlp, train_unembed: false };
      const model = await this.#add({ sessionId, number, baseModel, lora, userMetadata: userMetadata ?? {} });
      try {
        await model.load(path, { optimizer });
      } catch (error) {
        this.#models.delete(model.run.id);
        throw error;
      }
      return { type: "load_weights", path, model_id: model.run.id };
    });
  }

  #submit(sessionId: string, number: number, content: Uint8Array, make: () => Promise<object>): string {
    const { sessions, futures } = this.#services;
    sessions.get(sessionId);
    const submissions = this.#submissions.get(sessionId) ?? new Submissions<string>("model_seq_id");
    this.#submissions.set(sessionId, submissions);
    return submissions.once(number, content, () => futures.start(async () => ({ kind: "json", body: await make() })));
  }

  async #add(wanted: {
    sessionId: string;
    number: number;
    baseModel: string;
    lora: LoraConfigJson;
    userMetadata: Record<string, unknown>;
  }): Promise<LiveModel> {
    const { store, baseModels, maxModels } = this.#services;
    const { sessionId, number, lora, userMetadata } = wanted;
    const id = `${sessionId}:train:${number}`;
    if (store.runs.has(id)) throw new UsageError(`training run ${id} exists already: use another model_seq_id`);
    if (this.#models.size >= maxModels) {
      throw new UsageError(`${maxModels} models are in training already: unload one, or let its session end`);
    }
    if (!lora.train_attn && !lora.train_mlp) {
      throw new EngineInputError(
        "train_attn and train_mlp are both off: this model's output matrix is its embedding, which has no adapter, so nothing would be trained",
      );
    }
    const base = await baseModels.open(wanted.baseModel);
    const client = await base.engine.trainingClient({
      lora: { rank: lora.rank, alpha: LORA_ALPHA, matrices: matricesOf(lora) },
      seed: lora.seed ?? randomInt(2 ** 32),
      directory: store.folderOf(wanted),
    });
    const run: RunRecord = {
      id,
      sessionId,
      number,
      baseModel: base.name,
      loraRank: lora.rank,
      trainAttn: lora.train_attn,
      trainMlp: lora.train_mlp,
      userMetadata,
      createdAt: Date.now(),
      lastRequestAt: Date.now(),
    };
    await store.saveRun(run);
    const model = new LiveModel(run, { base, client }, this.#services);
    this.#models.set(id, model);
    return model;
  }

  /** @throws ApiError 404 for an unknown id, 410 for a model that is not in memory any more. */
  get(id: string): LiveModel {
    const model = this.#models.get(id);
    if (model) {
      this.#services.sessions.get(model.run.sessionId);
      this.#services.store.runs.set(id, { ...model.run, lastRequestAt: Date.now() });
      return model;
    }
    const { runs } = this.#services.store;
    if (!runs.has(id)) throw new ApiError(404, `there is no model "${id}"`);
    throw new ApiError(410, `model "${id}" is not in training any more: create a model from its last checkpoint`);
  }

  unload(id: string): void {
    this.#models.delete(id);
  }

  unloadSession(sessionId: string): void {
    for (const [id, { run }] of this.#models) if (run.sessionId === sessionId) this.#models.delete(id);
    this.#submissions.delete(sessionId);
  }

  /** Nothing that is missing will come any more. */
  stop(): void {
    for (const { queue } of this.#models.values()) queue.stop();
  }

  /** Write when each run was last spoken of. */
  async persist(): Promise<void> {
    for (const { run } of this.#models.values()) await this.#services.store.saveRun(run);
  }
}

function matricesOf({ train_attn, train_mlp }: LoraConfigJson): "all" | "attention" | "feed_forward" {
  if (train_attn && train_mlp) return "all";
  return train_attn ? "attention" : "feed_forward";
}

function checkOptimizer(config: CreateModelRequest["optimizer_config"]): void {
  if (config && config.type !== "adamw") {
    throw new EngineInputError(`optimizer "${config.type}" is not implemented by this server; use adamw`);
  }
}
