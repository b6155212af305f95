import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { z } from "zod";
import { readMessage } from "./forward-backward-request.js";
import { pack, unpackFloat32, unpackInt32 } from "./packed.js";
import { parseWith } from "./parse-json.js";
import { decodeTensor, encodeTensor, type Tensor, tensorFromJson, tensorJsonSchema, tensorToJson } from "./tensor.js";
import { SampleResponseSchema, SampledSequenceSchema, StopReason } from "./tinker_public_pb.js";
import {
  decodeTopk,
  encodeTopk,
  topkFromJson,
  topkJsonSchema,
  type TopkLogprobs,
  topkToJson,
} from "./topk-logprobs.js";
import { WireFormatError } from "./wire-format-error.js";

/** One completion, as it travels. */
export interface WireSequence {
  /** `length`: the limit cut it. `stop`: a stop token or string, or the end of text. */
  readonly stopReason: "stop" | "length";
  /** `[T]`; the stop token is the last of them. */
  readonly tokens: Int32Array;
  /** `[T]`, natural logarithms. */
  readonly logprobs?: Float32Array | undefined;
  /** `[T]` positions. */
  readonly topkLogprobs?: TopkLogprobs | undefined;
}

/** The result of `POST /asample`. Fields that were not asked for are absent. */
export interface SampleResponse {
  /** As many as were asked for. */
  readonly sequences: readonly WireSequence[];
  /** `[P]`; NaN where none was computed, as for the first token. */
  readonly promptLogprobs?: Float32Array | undefined;
  /** `[P]` positions. */
  readonly topkPromptLogprobs?: TopkLogprobs | undefined;
  /** `[P − 1, K]` */
  readonly targetPromptLogprobs?: Tensor | undefined;
  /** Two tensors `[P − 1, k]`: the draws and their logprobs. */
  readonly promptAltTokens?: { readonly tokens: Tensor; readonly logprobs: Tensor } | undefined;
  readonly promptCacheHitTokens: number;
}

/** Protobuf bytes. */
export function encodeSampleResponse(response: SampleResponse): Uint8Array<ArrayBuffer> {
  const { promptLogprobs, topkPromptLogprobs, targetPromptLogprobs, promptAltTokens } = response;
  const sequences = response.sequences.map(({ stopReason, tokens, logprobs, topkLogprobs }) =>
    create(SampledSequenceSchema, {
      stopReason: stopReason === "stop" ? StopReason.STOP : StopReason.LENGTH,
      tokens: pack(tokens),
      ...(logprobs && { logprobs: pack(logprobs) }),
      ...(topkLogprobs && { topkSampledLogprobs: encodeTopk(topkLogprobs) }),
    }),
  );
  const message = create(SampleResponseSchema, {
    sequences,
    promptCacheHitTokens: response.promptCacheHitTokens,
    ...(promptLogprobs && { promptLogprobs: pack(promptLogprobs) }),
    ...(topkPromptLogprobs && { topkPromptLogprobs: encodeTopk(topkPromptLogprobs) }),
    ...(targetPromptLogprobs && { targetPromptLogprobs: encodeTensor(targetPromptLogprobs) }),
    ...(promptAltTokens && {
      promptAltTokens: {
        tokens: encodeTensor(promptAltTokens.tokens),
        logprobs: encodeTensor(promptAltTokens.logprobs),
      },
    }),
  });
  return toBinary(SampleResponseSchema, message);
}

/** @throws WireFormatError naming the field. */
export function decodeSampleResponse(bytes: Uint8Array): SampleResponse {
  const message = readMessage("SampleResponse", () => fromBinary(SampleResponseSchema, bytes));
  const { promptLogprobs, promptAltTokens: alt, targetPromptLogprobs: target } = message;
  return {
    sequences: message.sequences.map((sequence, index) => {
      const where = `sequences[${index}]`;
      return checkedSequence(
        {
          stopReason: stopReasonName(sequence.stopReason, where),
          tokens: unpackInt32(sequence.tokens, `${where}.tokens`),
          logprobs: sequence.logprobs?.length ? unpackFloat32(sequence.logprobs, `${where}.logprobs`) : undefined,
          topkLogprobs: decodeTopk(sequence.topkSampledLogprobs, `${where}.topk_sampled_logprobs`),
        },
        where,
      );
    }),
    promptLogprobs: promptLogprobs?.length ? unpackFloat32(promptLogprobs, "prompt_logprobs") : undefined,
    topkPromptLogprobs: decodeTopk(message.topkPromptLogprobs, "topk_prompt_logprobs"),
    targetPromptLogprobs: target && decodeTensor(target, "target_prompt_logprobs"),
    promptAltTokens:
      alt?.tokens && alt.logprobs
        ? {
            tokens: decodeTensor(alt.tokens, "prompt_alt_tokens.tokens"),
            logprobs: decodeTensor(alt.logprobs, "prompt_alt_tokens.logprobs"),
          }
        : undefined,
    promptCacheHitTokens: message.promptCacheHitTokens,
  };
}

function stopReasonName(reason: StopReason, where: string): "stop" | "length" {
  if (reason === StopReason.STOP) return "stop";
  if (reason === StopReason.LENGTH) return "length";
  throw new WireFormatError(`${where}: stop reason ${Number(reason)} is not known`);
}

function checkedSequence(sequence: WireSequence, where: string): WireSequence {
  const { tokens, logprobs } = sequence;
  if (logprobs && logprobs.length !== tokens.length) {
    throw new WireFormatError(`${where}: ${logprobs.length} logprobs for ${tokens.length} tokens`);
  }
  return sequence;
}

const responseSchema = z.object({
  sequences: z.array(
    z.object({
      stop_reason: z.enum(["stop", "length"]),
      tokens: z.array(z.number().int()),
      logprobs: z.array(z.number().nullable()).nullish(),
      topk_logprobs: topkJsonSchema.nullish(),
    }),
  ),
  prompt_logprobs: z.array(z.number().nullable()).nullish(),
  topk_prompt_logprobs: topkJsonSchema.nullish(),
  target_prompt_logprobs: tensorJsonSchema.nullish(),
  prompt_alt_tokens: z.object({ tokens: tensorJsonSchema, logprobs: tensorJsonSchema }).nullish(),
  prompt_cache_hit_tokens: z.number().int().nullish(),
});

/** The JSON form of a sample result. */
export function sampleResponseToJson(response: SampleResponse): z.input<typeof responseSchema> & { type: "sample" } {
  const { promptLogprobs, topkPromptLogprobs, targetPromptLogprobs, promptAltTokens } = response;
  return {
    type: "sample",
    sequences: response.sequences.map(({ stopReason, tokens, logprobs, topkLogprobs }) => ({
      stop_reason: stopReason,
      tokens: [...tokens],
      logprobs: logprobs ? [...logprobs] : null,
      ...(topkLogprobs && { topk_logprobs: topkToJson(topkLogprobs) }),
    })),
    prompt_logprobs: promptLogprobs
      ? Array.from(promptLogprobs, (value) => (Number.isNaN(value) ? null : value))
      : null,
    topk_prompt_logprobs: topkPromptLogprobs ? topkToJson(topkPromptLogprobs) : null,
    ...(targetPromptLogprobs && { target_prompt_logprobs: tensorToJson(targetPromptLogprobs) }),
    ...(promptAltTokens && {
      prompt_alt_tokens: {
        tokens: tensorToJson(promptAltTokens.tokens),
        logprobs: tensorToJson(promptAltTokens.logprobs),
      },
    }),
    prompt_cache_hit_tokens: response.promptCacheHitTokens,
  };
}

/** @throws WireFormatError naming the field. */
export function sampleResponseFromJson(json: unknown): SampleResponse {
  const body = parseWith(responseSchema, json, "sample result");
  const floats = (values: readonly (number | null)[] | null | undefined) =>
    values ? Float32Array.from(values, (value) => value ?? Number.NaN) : undefined;
  const { topk_prompt_logprobs: topk, target_prompt_logprobs: target, prompt_alt_tokens: alt } = body;
  return {
    sequences: body.sequences.map((sequence, index) =>
      checkedSequence(
        {
          stopReason: sequence.stop_reason,
          tokens: Int32Array.from(sequence.tokens),
          logprobs: floats(sequence.logprobs),
          topkLogprobs: sequence.topk_logprobs ? topkFromJson(sequence.topk_logprobs) : undefined,
        },
        `sequences[${index}]`,
      ),
    ),
    promptLogprobs: floats(body.prompt_logprobs),
    topkPromptLogprobs: topk ? topkFromJson(topk) : undefined,
    targetPromptLogprobs: target ? tensorFromJson(target, "target_prompt_logprobs") : undefined,
    promptAltTokens: alt
      ? {
          tokens: tensorFromJson(alt.tokens, "prompt_alt_tokens.tokens"),
          logprobs: tensorFromJson(alt.logprobs, "prompt_alt_tokens.logprobs"),
        }
      : undefined,
    promptCacheHitTokens: body.prompt_cache_hit_tokens ?? 0,
  };
}
