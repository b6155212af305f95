import { UsageError } from "@pka/core";
import { Connection, type ConnectionOptions } from "./connection.js";
import { jsonResult } from "./futures.js";
import { TinkerRestClient } from "./rest-client.js";
import { TinkerSamplingClient } from "./sampling-client.js";
import { Session, type SessionOptions } from "./session.js";
import { checkTrainingState, TinkerTrainingClient } from "./training-client.js";
import { futureResponseSchema } from "./wire/future-messages.js";
import { createSamplingSessionResponseSchema, serverCapabilitiesResponseSchema } from "./wire/session-messages.js";
import { parseTinkerPath } from "./wire/tinker-path.js";
import { createModelResponseSchema, loadWeightsResponseSchema } from "./wire/training-messages.js";

/** Options of `TinkerClient`. */
export interface TinkerClientOptions extends ConnectionOptions, SessionOptions {}

/** A new LoRA adapter. */
export interface LoraOptions {
  /** `Qwen/Qwen3-8B` */
  readonly baseModel: string;
  /** Dimension of the adapter's matrices, ≥ 1. Default 32. */
  readonly rank?: number | undefined;
  /** Of the adapter's first values. Default random. */
  readonly seed?: number | undefined;
  /** Which layers get an adapter. Default all three; at least one. */
  readonly trainMlp?: boolean | undefined;
  readonly trainAttn?: boolean | undefined;
  readonly trainUnembed?: boolean | undefined;
  readonly userMetadata?: Readonly<Record<string, string>> | undefined;
}

/** Options of a training client that begins from a saved state. */
export interface FromStateOptions {
  readonly userMetadata?: Readonly<Record<string, string>> | undefined;
  /** A key of the account that the checkpoint belongs to, where that is another one. */
  readonly weightsAccessToken?: string | undefined;
}

/** A model that the service has. */
export interface SupportedModel {
  readonly name: string;
  /** In tokens. */
  readonly maxContextLength: number | undefined;
}

const CREATE_MODEL = jsonResult("CreateModel", createModelResponseSchema);
const LOAD_WEIGHTS = jsonResult("LoadWeights", loadWeightsResponseSchema);
const DEFAULT_RANK = 32;

/**
 * The way to a Tinker service: makes training and sampling clients. A session begins with the first of them, and beats until `close`;
 * its timers keep no process alive.
 */
export class TinkerClient {
  /** Training runs, checkpoints and sessions of the account. Needs no session. */
  readonly rest: TinkerRestClient;
  readonly #connection: Connection;
  readonly #options: SessionOptions;
  #session: Promise<Session> | undefined;

  /** @throws UsageError for a bad key, address or option, before anything is sent. */
  constructor(options: TinkerClientOptions) {
    this.#connection = new Connection(options);
    this.#options = options;
    this.rest = new TinkerRestClient(this.#connection);
  }

  async getServerCapabilities(): Promise<{ readonly supportedModels: readonly SupportedModel[] }> {
    await this.#connection.config();
    const call = { method: "GET", path: "/get_server_capabilities" } as const;
    const { supported_models: models } = await this.#connection.requester.json(serverCapabilitiesResponseSchema, call);
    return {
      supportedModels: models.map(({ model_name: name, max_context_length: length }) => ({
        name: name ?? "",
        maxContextLength: length ?? undefined,
      })),
    };
  }

  /** @throws UsageError · TinkerError, also for the calls below. */
  async createLoraTrainingClient(options: LoraOptions): Promise<TinkerTrainingClient> {
    const { baseModel, rank = DEFAULT_RANK, seed, userMetadata } = options;
    const { trainMlp = true, trainAttn = true, trainUnembed = true } = options;
    if (!(Number.isSafeInteger(rank) && rank >= 1)) {
      throw new UsageError(`rank is ${rank}, and must be a whole number of at least 1`);
    }
    if (!trainMlp && !trainAttn && !trainUnembed) {
      throw new UsageError("nothing to train: one of trainMlp, trainAttn and trainUnembed must be true");
    }
    const lora = { rank, seed, train_unembed: trainUnembed, train_mlp: trainMlp, train_attn: trainAttn };
    return this.#createModel(baseModel, lora, userMetadata);
  }

  /** A new model with a checkpoint's adapter and a fresh optimizer. */
  createTrainingClientFromState(path: string, options?: FromStateOptions): Promise<TinkerTrainingClient> {
    return this.#createFromState(path, false, options);
  }

  /** A new model that goes on where a checkpoint was saved. */
  createTrainingClientFromStateWithOptimizer(path: string, options?: FromStateOptions): Promise<TinkerTrainingClient> {
    return this.#createFromState(path, true, options);
  }

  /** Samples from a base model, or from a checkpoint by its path. */
  async createSamplingClient(
    options: { readonly baseModel: string } | { readonly modelPath: string },
  ): Promise<TinkerSamplingClient> {
    const { baseModel, modelPath } = { baseModel: undefined, modelPath: undefined, ...options };
    if (modelPath !== undefined) parseTinkerPath(modelPath);
    const session = await this.#openSession();
    const body = JSON.stringify({
      session_id: session.id,
      sampling_session_seq_id: session.nextSamplingSeqId(),
      base_model: baseModel,
      model_path: modelPath,
      type: "create_sampling_session",
    });
    const call = { method: "POST", path: "/create_sampling_session", body } as const;
    const answer = await this.#connection.requester.json(createSamplingSessionResponseSchema, call);
    return TinkerSamplingClient.open(session, answer.sampling_session_id);
  }

  /** Ends the session and with it its training and sampling clients. Checkpoints stay; the next client made begins a new session. */
  async close(reason: "success" | "errored" | "interrupted" = "success"): Promise<void> {
    const ending = this.#session;
    this.#session = undefined;
    await (await ending?.catch(() => undefined))?.close(reason);
  }

  #openSession(): Promise<Session> {
    this.#session ??= Session.open(this.#connection, this.#options).catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #createModel(
    baseModel: string,
    lora: Readonly<Record<string, number | boolean | undefined>>,
    userMetadata: FromStateOptions["userMetadata"],
  ): Promise<TinkerTrainingClient> {
    const session = await this.#openSession();
    const body = {
      session_id: session.id,
      model_seq_id: session.nextModelSeqId(),
      base_model: baseModel,
      user_metadata: userMetadata,
      lora_config: lora,
      type: "create_model",
    };
    const requestId = await this.#submit("/create_model", body);
    const { model_id: modelId } = await this.#connection.futures.retrieve(requestId, CREATE_MODEL);
    return new TinkerTrainingClient(session, modelId);
  }

  async #createFromState(
    path: string,
    optimizer: boolean,
    options: FromStateOptions = {},
  ): Promise<TinkerTrainingClient> {
    checkTrainingState(path);
    const { userMetadata, weightsAccessToken } = options;
    const session = await this.#openSession();
    if (weightsAccessToken) this.#connection.requester.transport.hide(weightsAccessToken);
    const load = { path, optimizer, weights_access_token: weightsAccessToken, type: "load_weights" };
    const { createsModelByLoading } = await this.#connection.config();
    if (createsModelByLoading) {
      const modelSeqId = session.nextModelSeqId();
      const model = { session_id: session.id, model_seq_id: modelSeqId, user_metadata: userMetadata };
      const requestId = await this.#submit("/load_weights", { ...model, ...load });
      const loaded = await this.#connection.futures.retrieve(requestId, LOAD_WEIGHTS);
      return new TinkerTrainingClient(session, loaded.model_id ?? `${session.id}:train:${modelSeqId}`);
    }
    const info = await this.rest.getWeightsInfo(path);
    const { loraRank: rank = DEFAULT_RANK, trainMlp, trainAttn, trainUnembed } = info;
    const lora = { rank, train_unembed: trainUnembed, train_mlp: trainMlp, train_attn: trainAttn };
    const client = await this.#createModel(info.baseModel, lora, userMetadata);
    await client.loadState(path, { optimizer, weightsAccessToken });
    return client;
  }

  async #submit(path: string, body: object): Promise<string> {
    const call = { method: "POST", path, body: JSON.stringify(body) } as const;
    return (await this.#connection.requester.json(futureResponseSchema, call)).request_id;
  }
}
