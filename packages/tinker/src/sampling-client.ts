import {
  type SampledSequence,
  type SampleRequest as CoreSampleRequest,
  type SamplingClient,
  UsageError,
} from "@pka/core";
import { TinkerError, TinkerInputError, TinkerResultLostError } from "./errors.js";
import type { ResultFormat } from "./futures.js";
import { SamplingGate } from "./sampling-gate.js";
import type { Session } from "./session.js";
import type { Reply } from "./transport.js";
import { futureResponseSchema } from "./wire/future-messages.js";
import { type ModelInput, modelInputOfTokens } from "./wire/model-input.js";
import { encodeSampleRequest, type TinkerSamplingParams } from "./wire/sample-request.js";
import {
  decodeSampleResponse,
  type SampleResponse,
  sampleResponseFromJson,
  type WireSequence,
} from "./wire/sample-response.js";
import { samplerResponseSchema } from "./wire/session-messages.js";
import type { Tensor } from "./wire/tensor.js";
import { WireFormatError } from "./wire/wire-format-error.js";

/** Everything that can be asked of a sampler. */
export interface TinkerSampleRequest {
  /** Token ids, or an input with images. */
  readonly prompt: ArrayLike<number> | ModelInput;
  readonly params: TinkerSamplingParams;
  /** Default 1. */
  readonly numSamples?: number | undefined;
  /** Also compute the logprobs of the prompt's tokens. Default false. */
  readonly promptLogprobs?: boolean | undefined;
  /** The k likeliest tokens at every position of the prompt. Default 0 = none. */
  readonly topkPromptLogprobs?: number | undefined;
  /** The k likeliest tokens at every sampled position; newer servers only. Default 0 = none. */
  readonly topkSampleLogprobs?: number | undefined;
  /** `[P − 1, K]` token ids whose logprobs to compute at positions 1 to P − 1; −1 = nothing. Newer servers only. */
  readonly targetPromptLogprobs?: Tensor | undefined;
  /** Draws at every position of the prompt after the first; newer servers only. Default 0 = none. */
  readonly promptAltTokensK?: number | undefined;
  /** Score only the last n tokens of the prompt; newer servers only. */
  readonly promptLogprobsLastN?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One completion. */
export interface TinkerSequence extends WireSequence {
  /** The service's name for it, where it gives one. */
  readonly sequenceId: string | undefined;
}

export interface TinkerSampleResult extends SampleResponse {
  readonly sequences: readonly TinkerSequence[];
}

/** What a client samples from. */
export interface SamplerInfo {
  readonly samplerId: string;
  readonly baseModel: string;
  /** `tinker://…`, unless it is the base model itself or weights without a name. */
  readonly modelPath: string | undefined;
}

const PATH = "/asample";
/** The service's own estimate of what a token takes in JSON. */
const BYTES_PER_TOKEN = 10;
/** New work each time, so not for ever. */
const MAX_LOST = 10;

/** Draws completions from one frozen set of weights. */
export class TinkerSamplingClient implements SamplingClient {
  readonly samplingSessionId: string;
  readonly #session: Session;
  readonly #gate: SamplingGate;
  readonly #retriesLost: boolean;
  #nextSeqId = 0n;

  private constructor(
    session: Session,
    samplingSessionId: string,
    options: { readonly gate: SamplingGate; readonly retriesLost: boolean },
  ) {
    this.#session = session;
    this.samplingSessionId = samplingSessionId;
    this.#gate = options.gate;
    this.#retriesLost = options.retriesLost;
  }

  static async open(session: Session, samplingSessionId: string): Promise<TinkerSamplingClient> {
    const { requester } = session.connection;
    const { maxSamplesInFlight, maxPromptBytesInFlight, retriesSamples } = await session.connection.config();
    const limits = { maxSamples: maxSamplesInFlight, maxPromptBytes: maxPromptBytesInFlight };
    const gate = new SamplingGate({ clock: requester.clock, ...limits });
    return new TinkerSamplingClient(session, samplingSessionId, { gate, retriesLost: retriesSamples });
  }

  /** @throws TinkerError, also for the calls below · the abort reason. */
  async sample({ prompt, numSamples, params, signal }: CoreSampleRequest): Promise<SampledSequence[]> {
    const { sequences } = await this.sampleDetailed({ prompt, numSamples, params, signal });
    return sequences.map(({ tokens, logprobs, stopReason }) => {
      if (!logprobs && tokens.length > 0) {
        throw new TinkerError("the service gave a sample without logprobs", { kind: "bad-reply" });
      }
      // A null of its JSON. In training it would spoil the whole batch.
      if (logprobs?.some(Number.isNaN)) {
        throw new TinkerError("the service gave a sample with a logprob that is no number", { kind: "bad-reply" });
      }
      return { tokens: [...tokens], logprobs: [...(logprobs ?? [])], stopReason };
    });
  }

  async computeLogprobs(
    tokens: readonly number[],
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<(number | null)[]> {
    const request = { prompt: tokens, params: { maxTokens: 1 }, promptLogprobs: true, signal };
    const { promptLogprobs } = await this.sampleDetailed(request);
    if (promptLogprobs?.length !== tokens.length) {
      const found = promptLogprobs ? `${promptLogprobs.length} logprobs` : "no logprobs";
      throw new TinkerError(`the service gave ${found} for a prompt of ${tokens.length} tokens`, { kind: "bad-reply" });
    }
    return Array.from(promptLogprobs, (logprob) => (Number.isNaN(logprob) ? null : logprob));
  }

  /** As `sample`, with everything that the service can say, in typed arrays. */
  async sampleDetailed(request: TinkerSampleRequest): Promise<TinkerSampleResult> {
    const { signal, numSamples = 1 } = request;
    const prompt = toModelInput(request.prompt);
    if (!(Number.isSafeInteger(numSamples) && numSamples >= 1)) {
      throw new UsageError(`numSamples is ${numSamples}, and must be a whole number of at least 1`);
    }
    checkParams(request.params);
    return this.#gate.sample(async () => {
      for (let numLost = 0; ; numLost += 1) {
        try {
          return await this.#sampleOnce({ ...request, prompt, numSamples });
        } catch (error) {
          if (!(error instanceof TinkerResultLostError) || !this.#retriesLost || numLost >= MAX_LOST) throw error;
        }
      }
    }, signal);
  }

  /** What it samples from. */
  async getInfo(): Promise<SamplerInfo> {
    const { requester } = this.#session.connection;
    const path = `/samplers/${this.samplingSessionId}`;
    const info = await requester.json(samplerResponseSchema, { method: "GET", path });
    return { samplerId: info.sampler_id, baseModel: info.base_model, modelPath: info.model_path ?? undefined };
  }

  async #sampleOnce(
    request: TinkerSampleRequest & { readonly prompt: ModelInput; readonly numSamples: number },
  ): Promise<TinkerSampleResult> {
    const { signal, numSamples } = request;
    const body = encodeSampleRequest({
      samplingSessionId: this.samplingSessionId,
      seqId: this.#nextSeqId++,
      prompt: request.prompt,
      samplingParams: request.params,
      numSamples,
      promptLogprobs: request.promptLogprobs ?? false,
      topkPromptLogprobs: request.topkPromptLogprobs ?? 0,
      topkSampleLogprobs: request.topkSampleLogprobs ?? 0,
      targetPromptLogprobs: request.targetPromptLogprobs,
      promptAltTokensK: request.promptAltTokensK ?? 0,
      promptLogprobsLastN: request.promptLogprobsLastN,
      recordStabilityInfo: false,
    });
    const { requestId, sequenceIds } = await this.#submit(body, bytesOfPrompt(request.prompt), signal);
    const { futures } = this.#session.connection;
    const response = await futures.retrieve(requestId, format(numSamples), signal).catch((error: unknown) => {
      if (signal?.aborted) this.#cancel(requestId);
      throw error;
    });
    const sequences = response.sequences.map((sequence, index) => ({ ...sequence, sequenceId: sequenceIds[index] }));
    return { ...response, sequences };
  }

  async #submit(body: string, promptBytes: number, signal: AbortSignal | undefined) {
    const { requester } = this.#session.connection;
    const headers = { "x-tinker-sampling-backpressure": "1" };
    const call = { method: "POST", path: PATH, body, headers, signal } as const;
    const read = (reply: Reply) =>
      reply.status === 429 ? undefined : requester.readJson(futureResponseSchema, reply, PATH);
    for (;;) {
      await this.#gate.untilOpen(signal);
      const send = () => requester.understood(call, read, { accept: [429] });
      const answer = await this.#gate.submit(promptBytes, send, signal);
      if (answer) return { requestId: answer.request_id, sequenceIds: answer.sample_sequence_ids ?? [] };
      this.#gate.pause(promptBytes);
    }
  }

  /** Nobody waits for it any more; that the service hears of it is not worth an error. */
  #cancel(requestId: string): void {
    if (!this.#session.cancelsSamples) return;
    const body = JSON.stringify({ request_id: requestId });
    const call = { method: "POST", path: "/cancel_future", body, timeoutMs: 30_000 } as const;
    void this.#session.connection.requester.send(call, { once: true }).catch(() => undefined);
  }
}

function toModelInput(prompt: TinkerSampleRequest["prompt"]): ModelInput {
  const input = "chunks" in prompt ? prompt : modelInputOfTokens(prompt);
  const isEmpty = input.chunks.every((chunk) => chunk.type === "encoded_text" && chunk.tokens.length === 0);
  if (isEmpty) throw new TinkerInputError("the prompt is empty; at least one token is needed");
  if ("chunks" in prompt) return input;
  for (let i = 0; i < prompt.length; i++) {
    const token = prompt[i]!;
    if (token < 0 || token !== (token | 0)) throw new TinkerInputError(`prompt[${i}] is ${token}, and no token id`);
  }
  return input;
}

function checkParams({ maxTokens, temperature, topP, topK, seed }: TinkerSamplingParams): void {
  const check = (name: string, value: number | undefined, isGood: boolean, range: string) => {
    if (value !== undefined && !isGood) throw new UsageError(`${name} is ${value}, and must be ${range}`);
  };
  check("maxTokens", maxTokens, Number.isSafeInteger(maxTokens) && maxTokens! >= 1, "a whole number of at least 1");
  check("temperature", temperature, Number.isFinite(temperature) && temperature! >= 0, "0 or more");
  check("topP", topP, topP! > 0 && topP! <= 1, "above 0 and at most 1");
  check("topK", topK, topK === -1 || (Number.isSafeInteger(topK) && topK! >= 1), "at least 1, or -1 = off");
  check("seed", seed, Number.isSafeInteger(seed), "a whole number");
}

function bytesOfPrompt({ chunks }: ModelInput): number {
  return chunks.reduce((sum, chunk) => {
    if (chunk.type === "encoded_text") return sum + BYTES_PER_TOKEN * chunk.tokens.length;
    if (chunk.type === "image_asset_pointer") return sum + chunk.location.length;
    return sum + (chunk.type === "image" ? chunk.data : chunk.dmel).length;
  }, 0);
}

function format(numSamples: number): ResultFormat<SampleResponse> {
  const checked = (response: SampleResponse) => {
    const { length } = response.sequences;
    if (length !== numSamples) throw new WireFormatError(`${length} samples, where ${numSamples} were asked for`);
    return response;
  };
  return {
    requestType: "Sample",
    fromJson: (json) => checked(sampleResponseFromJson(json)),
    fromProtobuf: (bytes) => checked(decodeSampleResponse(bytes)),
  };
}
