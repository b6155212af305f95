import { z } from "zod";
import { type ModelInput, modelInputFromJson, modelInputJsonSchema, modelInputToJson } from "./model-input.js";
import { parseWith } from "./parse-json.js";
import { type Tensor, tensorFromJson, tensorJsonSchema, tensorToJson } from "./tensor.js";

/** How tokens are drawn. Absent fields take the server's defaults. */
export interface TinkerSamplingParams {
  /** Absent: up to the server's limit. */
  readonly maxTokens?: number | undefined;
  readonly seed?: number | undefined;
  /** Strings or token ids, never both. */
  readonly stop?: string | readonly string[] | readonly number[] | undefined;
  /** ≥ 0; 0 = greedy. Default 1. */
  readonly temperature?: number | undefined;
  /** ≥ 1, or −1 = off. Default −1. */
  readonly topK?: number | undefined;
  /** In (0, 1]. Default 1. */
  readonly topP?: number | undefined;
}

/** The body of `POST /asample`, always JSON. */
export interface SampleRequest {
  readonly samplingSessionId?: string | undefined;
  /** Names the request in its session. Copied samplers count from multiples of 10⁹, up to about 10¹⁸. */
  readonly seqId?: bigint | undefined;
  /** Instead of a session. */
  readonly baseModel?: string | undefined;
  readonly modelPath?: string | undefined;
  readonly prompt: ModelInput;
  readonly samplingParams: TinkerSamplingParams;
  readonly numSamples: number;
  /** Also compute the logprobs of the prompt's tokens. */
  readonly promptLogprobs: boolean;
  /** The k likeliest tokens at every position of the prompt; 0 = none. */
  readonly topkPromptLogprobs: number;
  /** The k likeliest tokens at every sampled position; 0 = none. */
  readonly topkSampleLogprobs: number;
  /** `[P − 1, K]` token ids whose logprobs to compute at positions 1 to P − 1; −1 = nothing. */
  readonly targetPromptLogprobs?: Tensor | undefined;
  /** Draws at every position of the prompt after the first; 0 = none. */
  readonly promptAltTokensK: number;
  /** Score only the last n tokens of the prompt. */
  readonly promptLogprobsLastN?: number | undefined;
  readonly recordStabilityInfo: boolean;
}

const count = z.number().int().nonnegative().nullish();
/** A number, or the digits of one that no double holds: see `parseJson`. */
const bigInteger = z.union([z.number().int(), z.string().regex(/^\d+$/)]);

const samplingParamsSchema = z.object({
  max_tokens: z.number().int().nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string()), z.array(z.number().int())]).nullish(),
  temperature: z.number().nullish(),
  top_k: z.number().int().nullish(),
  top_p: z.number().nullish(),
});

const requestSchema = z.object({
  sampling_session_id: z.string().nullish(),
  seq_id: bigInteger.nullish(),
  base_model: z.string().nullish(),
  model_path: z.string().nullish(),
  prompt: modelInputJsonSchema,
  sampling_params: samplingParamsSchema,
  num_samples: z.number().int().nullish(),
  prompt_logprobs: z.boolean().nullish(),
  topk_prompt_logprobs: count,
  topk_sample_logprobs: count,
  target_prompt_logprobs: tensorJsonSchema.nullish(),
  prompt_alt_tokens_k: count,
  prompt_logprobs_last_n: count,
  record_stability_info: z.boolean().nullish(),
});

/** JSON text: `seq_id` may exceed what `JSON.stringify` can write. Fields of newer servers only appear when they are used. */
export function encodeSampleRequest(request: SampleRequest): string {
  const { maxTokens, seed, stop, temperature = 1, topK = -1, topP = 1 } = request.samplingParams;
  const { seqId, targetPromptLogprobs, promptLogprobsLastN } = request;
  const body: z.input<typeof requestSchema> & { type: "sample" } = {
    num_samples: request.numSamples,
    prompt: modelInputToJson(request.prompt),
    sampling_params: {
      max_tokens: maxTokens,
      seed,
      stop: typeof stop === "object" ? ([...stop] as string[] | number[]) : stop,
      temperature,
      top_k: topK,
      top_p: topP,
    },
    base_model: request.baseModel,
    model_path: request.modelPath,
    sampling_session_id: request.samplingSessionId,
    prompt_logprobs: request.promptLogprobs,
    topk_prompt_logprobs: request.topkPromptLogprobs,
    topk_sample_logprobs: request.topkSampleLogprobs || undefined,
    target_prompt_logprobs: targetPromptLogprobs && tensorToJson(targetPromptLogprobs),
    prompt_alt_tokens_k: request.promptAltTokensK || undefined,
    prompt_logprobs_last_n: promptLogprobsLastN,
    record_stability_info: request.recordStabilityInfo || undefined,
    type: "sample",
  };
  const json = JSON.stringify(body);
  return seqId === undefined ? json : `{"seq_id":${seqId},${json.slice(1)}`;
}

/** @param json - From `parseJson`, which keeps large numbers. @throws WireFormatError naming the field. */
export function decodeSampleRequest(json: unknown): SampleRequest {
  const body = parseWith(requestSchema, json, "sample request");
  const params = body.sampling_params;
  const target = body.target_prompt_logprobs;
  return {
    samplingSessionId: body.sampling_session_id ?? undefined,
    seqId: body.seq_id === null || body.seq_id === undefined ? undefined : BigInt(body.seq_id),
    baseModel: body.base_model ?? undefined,
    modelPath: body.model_path ?? undefined,
    prompt: modelInputFromJson(body.prompt, "prompt"),
    samplingParams: {
      maxTokens: params.max_tokens ?? undefined,
      seed: params.seed ?? undefined,
      stop: params.stop ?? undefined,
      temperature: params.temperature ?? undefined,
      topK: params.top_k ?? undefined,
      topP: params.top_p ?? undefined,
    },
    numSamples: body.num_samples ?? 1,
    promptLogprobs: body.prompt_logprobs ?? false,
    topkPromptLogprobs: body.topk_prompt_logprobs ?? 0,
    topkSampleLogprobs: body.topk_sample_logprobs ?? 0,
    targetPromptLogprobs: target ? tensorFromJson(target, "target_prompt_logprobs") : undefined,
    promptAltTokensK: body.prompt_alt_tokens_k ?? 0,
    promptLogprobsLastN: body.prompt_logprobs_last_n ?? undefined,
    recordStabilityInfo: body.record_stability_info ?? false,
  };
}
