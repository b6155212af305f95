import { orAborted } from "./or-aborted.js";
import { type AdamParams, type ForwardResult, type TrainingClient, UsageError } from "@pka/core";
import { type CustomLoss, customLossDatums } from "./custom-loss.js";
import { TinkerError } from "./errors.js";
import { jsonResult } from "./futures.js";
import { lossConfigToWire, type TinkerLossFn, type TinkerLossFnConfig } from "./losses.js";
import { ModelRequests } from "./model-requests.js";
import { TinkerSamplingClient } from "./sampling-client.js";
import type { Session } from "./session.js";
import { toTinkerDatums, type TrainingDatum } from "./to-tinker-datum.js";
import { type ForwardBackwardOutput, readMetrics } from "./wire/forward-backward-output.js";
import type { Tensor } from "./wire/tensor.js";
import { parseTinkerPath } from "./wire/tinker-path.js";
import {
  getInfoResponseSchema,
  loadWeightsResponseSchema,
  optimStepResponseSchema,
  saveWeightsForSamplerResponseSchema,
  saveWeightsResponseSchema,
  unloadModelResponseSchema,
} from "./wire/training-messages.js";

/** A pass as the service reports it. `loss` is NaN where a server does not say. */
export interface TinkerForwardResult extends ForwardResult {
  /** `[D]`: every array that the loss put out for a datum, `logprobs` among them. */
  readonly outputs: readonly Readonly<Record<string, Tensor>>[];
  /** Names are `name:reduction`, `loss:sum`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Options of every call that can take long. */
export interface CallOptions {
  /** Stops the waiting. What has been sent is carried out all the same; what has not begun to be sent never is. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `saveState` and `saveWeightsForSampler`. */
export interface SaveOptions extends CallOptions {
  /** The service deletes the checkpoint after so long. Default never. */
  readonly ttlSeconds?: number | undefined;
}

/** Options of `loadState`. */
export interface LoadOptions extends CallOptions {
  /** Restore the optimizer state too. Default false. */
  readonly optimizer?: boolean | undefined;
  /** A key of the account that the checkpoint belongs to, where that is another one. */
  readonly weightsAccessToken?: string | undefined;
}

/** What is known of a model. */
export interface ModelInfo {
  readonly modelId: string;
  readonly baseModel: string | undefined;
  readonly tokenizerId: string | undefined;
  readonly loraRank: number | undefined;
}

const OPTIM_STEP = jsonResult("OptimStep", optimStepResponseSchema);
const SAVE_WEIGHTS = jsonResult("SaveWeights", saveWeightsResponseSchema);
const SAVE_FOR_SAMPLER = jsonResult("SaveWeightsForSampler", saveWeightsForSamplerResponseSchema);
const LOAD_WEIGHTS = jsonResult("LoadWeights", loadWeightsResponseSchema);
const UNLOAD_MODEL = jsonResult("UnloadModel", unloadModelResponseSchema);

/**
 * Trains one LoRA adapter. Calls are carried out in the order in which they are made: make `forwardBackward` and `optimStep` without
 * waiting in between. Every call can throw a TinkerError; once a request could not be sent, all later calls throw a
 * TrainingInterruptedError.
 */
export class TinkerTrainingClient implements TrainingClient {
  readonly #requests: ModelRequests;

  /** @param firstSeqId - The number of the model's next request. */
  constructor(session: Session, modelId: string, firstSeqId = 1) {
    this.#requests = new ModelRequests(session, modelId, firstSeqId);
  }

  /** The training run's id too: `<session>:train:<n>`. */
  get modelId(): string {
    return this.#requests.modelId;
  }

  /** @throws TinkerInputError for data that cannot be sent. */
  async forward(
    datums: readonly TrainingDatum[],
    lossFn: TinkerLossFn,
    config?: TinkerLossFnConfig,
    { signal }: CallOptions = {},
  ): Promise<TinkerForwardResult> {
    return this.#pass({ datums, lossFn, config, forwardOnly: true }, signal);
  }

  /** @throws TinkerInputError for data that cannot be sent. */
  async forwardBackward(
    datums: readonly TrainingDatum[],
    lossFn: TinkerLossFn,
    config?: TinkerLossFnConfig,
    { signal }: CallOptions = {},
  ): Promise<TinkerForwardResult> {
    return this.#pass({ datums, lossFn, config, forwardOnly: false }, signal);
  }

  async #pass(
    call: {
      readonly datums: readonly TrainingDatum[];
      readonly lossFn: TinkerLossFn;
      readonly config: TinkerLossFnConfig | undefined;
      readonly forwardOnly: boolean;
    },
    signal: AbortSignal | undefined,
  ): Promise<TinkerForwardResult> {
    const { lossFn, forwardOnly } = call;
    const lossFnConfig = lossConfigToWire(lossFn, call.config);
    const data = toTinkerDatums(call.datums, lossFn);
    const { output } = await this.#requests.passes((send) => send({ data, lossFn, lossFnConfig, forwardOnly }), signal);
    return toForwardResult(await orAborted(output, signal));
  }

  /**
   * A loss of one's own over the logprobs of the target tokens: a forward pass, `customLoss` here, and a backward pass with its
   * derivative. Later calls are sent after all of it. In the metrics `loss:sum` is the custom loss and `surrogate_loss:sum` what the
   * service took its gradient of.
   */
  async forwardBackwardCustom(
    datums: readonly TrainingDatum[],
    customLoss: CustomLoss,
    { signal }: CallOptions = {},
  ): Promise<TinkerForwardResult> {
    const data = toTinkerDatums(datums, "cross_entropy");
    const { value, output } = await this.#requests.passes(async (send) => {
      const forward = await send({ data, lossFn: "cross_entropy", forwardOnly: true });
      const custom = await customLoss(toForwardResult(await forward.output).logprobs);
      const weighted = customLossDatums(data, custom);
      const backward = await send({ data: weighted, lossFn: "cross_entropy", forwardOnly: false });
      return { value: custom, ...backward };
    }, signal);
    const result = toForwardResult(await orAborted(output, signal));
    const metrics = {
      ...result.metrics,
      "surrogate_loss:sum": result.loss,
      "loss:sum": value.loss,
      ...value.metrics,
    };
    return { ...result, loss: value.loss, metrics };
  }

  /** One Adam step. Defaults are the service's: betas 0.9 and 0.95, eps 1e-12, no decay, no clipping. @throws UsageError */
  async optimStep(
    params: AdamParams,
    { signal }: CallOptions = {},
  ): Promise<{ readonly metrics: Readonly<Record<string, number>> }> {
    const { learningRate, beta1 = 0.9, beta2 = 0.95, eps = 1e-12, weightDecay = 0, gradClipNorm = 0 } = params;
    for (const [name, value] of Object.entries({ learningRate, beta1, beta2, eps, weightDecay, gradClipNorm })) {
      if (!(Number.isFinite(value) && value >= 0)) throw new UsageError(`${name} is ${value}, and must be 0 or more`);
    }
    const adamParams = {
      learning_rate: learningRate,
      beta1,
      beta2,
      eps,
      weight_decay: weightDecay,
      grad_clip_norm: gradClipNorm,
    };
    const { metrics } = await this.#requests.request("/optim_step", { adam_params: adamParams }, OPTIM_STEP, signal);
    return { metrics: readMetrics(metrics) };
  }

  /** Saves adapter and optimizer state. Resolves to `tinker://…/weights/<name>`. */
  async saveState(name: string, options: SaveOptions & { readonly overwrite?: boolean } = {}): Promise<string> {
    const { ttlSeconds, overwrite = false, signal } = options;
    checkName(name);
    const body = { path: name, ttl_seconds: ttlSeconds, overwrite };
    return (await this.#requests.request("/save_weights", body, SAVE_WEIGHTS, signal)).path;
  }

  /** Loads what `saveState` saved. The hosted service allows it only as a model's first call: see `createTrainingClientFromState`. */
  async loadState(path: string, options: LoadOptions = {}): Promise<void> {
    checkTrainingState(path);
    const { optimizer = false, weightsAccessToken } = options;
    if (weightsAccessToken) this.#requests.session.connection.requester.transport.hide(weightsAccessToken);
    const body = { path, optimizer, weights_access_token: weightsAccessToken };
    await this.#requests.request("/load_weights", body, LOAD_WEIGHTS, options.signal);
  }

  /** Resolves to `tinker://…/sampler_weights/<name>`. */
  async saveWeightsForSampler(name: string, { ttlSeconds, signal }: SaveOptions = {}): Promise<string> {
    checkName(name);
    const body = { path: name, ttl_seconds: ttlSeconds };
    const { path } = await this.#requests.request("/save_weights_for_sampler", body, SAVE_FOR_SAMPLER, signal);
    if (path) return path;
    throw new TinkerError("save_weights_for_sampler gave no path", { kind: "bad-reply" });
  }

  /** A client that samples from the weights as they are now. They are kept for as long as the session lives. */
  async saveWeightsAndGetSamplingClient({ signal }: CallOptions = {}): Promise<TinkerSamplingClient> {
    const { session } = this.#requests;
    const body = { sampling_session_seq_id: session.nextSamplingSeqId() };
    const saved = await this.#requests.request("/save_weights_for_sampler", body, SAVE_FOR_SAMPLER, signal);
    if (saved.sampling_session_id) return TinkerSamplingClient.open(session, saved.sampling_session_id);
    throw new TinkerError("save_weights_for_sampler gave no sampling session", { kind: "bad-reply" });
  }

  async getInfo(): Promise<ModelInfo> {
    const { requester } = this.#requests.session.connection;
    const body = JSON.stringify({ model_id: this.modelId, type: "get_info" });
    const info = await requester.json(getInfoResponseSchema, { method: "POST", path: "/get_info", body });
    return {
      modelId: info.model_id,
      baseModel: info.model_data.model_name ?? info.model_name ?? undefined,
      tokenizerId: info.model_data.tokenizer_id ?? undefined,
      loraRank: info.lora_rank ?? undefined,
    };
  }

  /** Frees the model on the service, after all earlier calls. Its checkpoints stay. */
  async unload(): Promise<void> {
    try {
      await this.#requests.requestUnnumbered("/unload_model", UNLOAD_MODEL);
    } catch (error) {
      // The attempt before was carried out after all: this request has no number by which the service knows a repetition.
      const isGone = error instanceof TinkerError && (error.status === 404 || error.status === 410);
      if (!isGone || error.attempts === 1) throw error;
    }
  }
}

/** @throws UsageError unless it is a path that `saveState` gave. */
export function checkTrainingState(path: string): void {
  if (parseTinkerPath(path).kind === "weights") return;
  throw new UsageError(
    `${path} is no training state: give a path from saveState, tinker://<training run>/weights/<name>`,
  );
}

function checkName(name: string): void {
  if (/^[\w-][\w.-]*$/.test(name)) return;
  throw new UsageError(`checkpoint name "${name}": use letters, digits, "_", "-" and ".", not first`);
}

function toForwardResult({ lossFnOutputs, metrics }: ForwardBackwardOutput): TinkerForwardResult {
  const logprobs = lossFnOutputs.map((outputs, index) => {
    const tensor = outputs["logprobs"];
    if (tensor?.dtype === "float32") return tensor.data;
    throw new TinkerError(`the result has no logprobs for datums[${index}]`, { kind: "bad-reply" });
  });
  return { logprobs, loss: metrics["loss:sum"] ?? Number.NaN, outputs: lossFnOutputs, metrics };
}
