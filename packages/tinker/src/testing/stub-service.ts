import { decompress } from "fzstd";
import { forwardBackwardOutputToJson } from "../wire/forward-backward-output.js";
import { decodeForwardBackwardRequest } from "../wire/forward-backward-request.js";
import { parseJson } from "../wire/parse-json.js";
import { decodeSampleRequest, type SampleRequest } from "../wire/sample-request.js";
import { type SampleResponse, sampleResponseToJson } from "../wire/sample-response.js";
import { tokensOfModelInput } from "../wire/model-input.js";
import { stubPass, StubModels } from "./stub-models.js";
import type { SeenRequest, StubAnswer, StubOptions } from "./stub-types.js";

const SESSION = "5e551077-0000-4000-8000-000000000001";
const MODEL = `${SESSION}:train:0`;

/** The protocol's calls over one session and one base model. */
export class StubService {
  readonly models = new StubModels();
  readonly #options: StubOptions;
  readonly #results = new Map<string, StubAnswer>();
  readonly #polls = new Map<string, number>();
  readonly #samples = new Map<string, string>();
  readonly #checkpoints = new Set<string>();

  constructor(options: StubOptions) {
    this.#options = options;
  }

  answer(request: SeenRequest): StubAnswer {
    const { path, json, method } = request;
    switch (path) {
      case "/client/config": {
        const { config } = { config: {}, ...this.#options };
        return config ? { json: config } : { status: 404, json: { detail: "Not Found" } };
      }
      case "/client/dynamic_config":
        return { status: 404, json: { detail: "Not Found" } };
      case "/create_session":
        return { json: { type: "create_session", session_id: SESSION, info_message: null } };
      case "/session_heartbeat":
        return { json: { type: "session_heartbeat" } };
      case "/get_server_capabilities":
        return { json: { supported_models: [{ model_name: "stub/base", max_context_length: 128 }] } };
      case "/create_model":
        return this.#done("create", { json: { type: "create_model", model_id: MODEL } });
      case "/weights_info":
        return { json: { base_model: "stub/base", is_lora: true, lora_rank: 8, train_unembed: false } };
      case "/get_info": {
        const model = { arch: null, model_name: "stub/base", tokenizer_id: "stub/base" };
        return { json: { type: "get_info", model_id: json.model_id, model_data: model, is_lora: true, lora_rank: 8 } };
      }
      case "/unload_model":
        return this.#done("unload", { json: { type: "unload_model", model_id: json.model_id } });
      case "/forward_backward":
        return this.#forwardBackward(request);
      case "/optim_step":
      case "/save_weights":
      case "/save_weights_for_sampler":
      case "/load_weights":
        return this.#train(request);
      case "/create_sampling_session":
        return { json: { sampling_session_id: `${SESSION}:sample:${json.sampling_session_seq_id}` } };
      case "/asample":
        return this.#sample(request);
      case "/retrieve_future":
        return this.#retrieve(request);
      case "/cancel_future":
        return { status: 204 };
      default:
        return this.#manage(path, method);
    }
  }

  #done(requestId: string, result: StubAnswer): StubAnswer {
    this.#results.set(requestId, result);
    return { status: 202, json: { request_id: requestId } };
  }

  #forwardBackward({ body, headers }: SeenRequest): StubAnswer {
    const bytes = headers["content-encoding"] === "zstd" ? decompress(body) : body;
    const request = decodeForwardBackwardRequest(bytes);
    const what = `${request.forwardOnly ? "forward" : "forward_backward"} ${request.data.length}`;
    return this.#take(request.modelId, request.seqId!, {
      content: Buffer.from(bytes).toString("hex"),
      what,
      run: () => ({ pass: stubPass(request) }),
    });
  }

  #train({ path, json, body }: SeenRequest): StubAnswer {
    const what = path.slice(1);
    const run = (): StubAnswer => {
      if (what === "optim_step") return { json: { metrics: { lr: json.adam_params.learning_rate } } };
      if (what === "load_weights") return { json: { type: what, path: json.path } };
      if (json.sampling_session_seq_id !== undefined) {
        return { json: { type: what, sampling_session_id: `${SESSION}:sample:${json.sampling_session_seq_id}` } };
      }
      const kind = what === "save_weights" ? "weights" : "sampler_weights";
      const tinkerPath = `tinker://${json.model_id}/${kind}/${json.path}`;
      if (this.#checkpoints.has(tinkerPath) && !json.overwrite) {
        return { json: { error: `checkpoint ${json.path} exists`, category: "user" } };
      }
      this.#checkpoints.add(tinkerPath);
      return { json: { type: what, path: tinkerPath } };
    };
    if (json.session_id !== undefined) return this.#done("load", { json: { type: what, model_id: MODEL } });
    return this.#take(json.model_id, json.seq_id, { content: body.toString(), what, run });
  }

  #take(modelId: string, seqId: number, work: { content: string; what: string; run: () => object }): StubAnswer {
    const finish = (id: string, result: object) => this.#results.set(id, result);
    const requestId = this.models.take({ modelId, seqId }, work, finish);
    if (requestId === undefined) return { status: 400, json: { detail: `seq_id ${seqId} has other content` } };
    return { status: 202, json: { request_id: requestId } };
  }

  #sample({ body }: SeenRequest): StubAnswer {
    const request = decodeSampleRequest(parseJson(body.toString()));
    const key = `${request.samplingSessionId}/${request.seqId}`;
    const requestId = this.#samples.get(key) ?? `sample-${this.#samples.size}`;
    this.#samples.set(key, requestId);
    this.#results.set(requestId, { sample: stubSample(request) });
    const names = Array.from({ length: request.numSamples }, (_, index) => `${requestId}:${index}`);
    return { status: 202, json: { request_id: requestId, sample_sequence_ids: names } };
  }

  #retrieve({ json }: SeenRequest): StubAnswer {
    const id: string = json.request_id;
    const result = this.#results.get(id);
    const numPolls = this.#polls.get(id) ?? 0;
    this.#polls.set(id, numPolls + 1);
    if (!result || numPolls < (this.#options.pendingPolls ?? 1)) {
      return { status: 408, json: { type: "try_again", request_id: id, queue_state: "active" } };
    }
    if (!this.#options.jsonResults) return result;
    if (result.pass) return { json: forwardBackwardOutputToJson(result.pass) };
    return result.sample ? { json: sampleResponseToJson(result.sample) } : result;
  }

  #manage(path: string, method: string): StubAnswer {
    if (path.startsWith("/samplers/")) return { json: { sampler_id: path.slice(10), base_model: "stub/base" } };
    if (method !== "GET") return { status: 204 };
    return { status: 404, json: { detail: `no ${path}` } };
  }
}

/** Samples n, n + 1, … with logprobs −0.5; the prompt's logprobs are −1. */
function stubSample({ prompt, numSamples, samplingParams, ...request }: SampleRequest): SampleResponse {
  const { length } = tokensOfModelInput(prompt)!;
  const { maxTokens = 4 } = samplingParams;
  const topk = (positions: number, k: number) => ({
    length: positions,
    k,
    tokenIds: Int32Array.from({ length: positions * k }, (_, i) => i % k),
    logprobs: new Float32Array(positions * k).fill(-2),
  });
  return {
    sequences: Array.from({ length: numSamples }, (_, n) => ({
      stopReason: "length" as const,
      tokens: Int32Array.from({ length: maxTokens }, (__, i) => n + i),
      logprobs: new Float32Array(maxTokens).fill(-0.5),
      ...(request.topkSampleLogprobs > 0 && { topkLogprobs: topk(maxTokens, request.topkSampleLogprobs) }),
    })),
    ...(request.promptLogprobs && {
      promptLogprobs: Float32Array.from({ length }, (_, i) => (i === 0 ? Number.NaN : -1)),
    }),
    ...(request.topkPromptLogprobs > 0 && { topkPromptLogprobs: topk(length, request.topkPromptLogprobs) }),
    promptCacheHitTokens: 0,
  };
}
