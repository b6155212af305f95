import { z } from "zod";

/** Rank and reach of an adapter. */
export const loraConfigSchema = z.object({
  rank: z.number().int().positive(),
  seed: z.number().int().nullish(),
  train_unembed: z.boolean().default(true),
  train_mlp: z.boolean().default(true),
  train_attn: z.boolean().default(true),
});
export type LoraConfigJson = z.infer<typeof loraConfigSchema>;

/** `adamw`, or a family that only newer servers know, with its own fields. */
const optimizerConfigSchema = z.looseObject({ type: z.string() });
const userMetadataSchema = z.record(z.string(), z.unknown()).nullish();
const seqId = z.number().int().nonnegative();

/** `POST /create_model`. */
export const createModelRequestSchema = z.object({
  session_id: z.string(),
  model_seq_id: seqId,
  base_model: z.string(),
  user_metadata: userMetadataSchema,
  lora_config: loraConfigSchema.nullish(),
  optimizer_config: optimizerConfigSchema.nullish(),
  type: z.literal("create_model").default("create_model"),
});
export type CreateModelRequest = z.infer<typeof createModelRequestSchema>;

/** Result of `POST /create_model`. */
export const createModelResponseSchema = z.object({
  type: z.literal("create_model").nullish(),
  model_id: z.string().min(1),
});
export type CreateModelResponse = z.infer<typeof createModelResponseSchema>;

/** `POST /get_info` and `POST /unload_model`. */
export const modelRequestSchema = z.object({ model_id: z.string(), type: z.string().optional() });
export type ModelRequest = z.infer<typeof modelRequestSchema>;

/** Result of `POST /get_info`. */
export const getInfoResponseSchema = z.object({
  type: z.literal("get_info").nullish(),
  model_id: z.string(),
  model_data: z.object({
    arch: z.string().nullish(),
    model_name: z.string().nullish(),
    tokenizer_id: z.string().nullish(),
  }),
  is_lora: z.boolean().nullish(),
  lora_rank: z.number().int().nullish(),
  model_name: z.string().nullish(),
});
export type GetInfoResponse = z.infer<typeof getInfoResponseSchema>;

/** Result of `POST /unload_model`. */
export const unloadModelResponseSchema = z.object({
  type: z.literal("unload_model").nullish(),
  model_id: z.string(),
});
export type UnloadModelResponse = z.infer<typeof unloadModelResponseSchema>;

/** Defaults are the API's. */
export const adamParamsSchema = z.object({
  learning_rate: z.number().default(1e-4),
  beta1: z.number().default(0.9),
  beta2: z.number().default(0.95),
  eps: z.number().default(1e-12),
  weight_decay: z.number().default(0),
  grad_clip_norm: z.number().default(0),
});
export type AdamParamsJson = z.infer<typeof adamParamsSchema>;

/** `POST /optim_step`. */
export const optimStepRequestSchema = z.object({
  model_id: z.string(),
  seq_id: seqId.nullish(),
  adam_params: adamParamsSchema.nullish(),
  /** Of another optimizer than Adam. */
  optimizer_params: z.looseObject({ type: z.string() }).nullish(),
  type: z.literal("optim_step").default("optim_step"),
});
export type OptimStepRequest = z.infer<typeof optimStepRequestSchema>;

/** Result of `POST /optim_step`. */
export const optimStepResponseSchema = z.object({
  // JSON has no NaN and no infinity: `null` there.
  metrics: z.record(z.string(), z.number().nullable()).nullish(),
});
export type OptimStepResponse = z.infer<typeof optimStepResponseSchema>;

/** `POST /save_weights`. */
export const saveWeightsRequestSchema = z.object({
  model_id: z.string(),
  /** The checkpoint's name. */
  path: z.string().nullish(),
  seq_id: seqId.nullish(),
  ttl_seconds: z.number().int().nullish(),
  overwrite: z.boolean().default(false),
  user_metadata: userMetadataSchema,
  type: z.literal("save_weights").default("save_weights"),
});
export type SaveWeightsRequest = z.infer<typeof saveWeightsRequestSchema>;

/** Result of `POST /save_weights`. */
export const saveWeightsResponseSchema = z.object({
  type: z.literal("save_weights").nullish(),
  path: z.string().min(1),
});
export type SaveWeightsResponse = z.infer<typeof saveWeightsResponseSchema>;

/** `POST /save_weights_for_sampler`: a named checkpoint with `path`, else a sampling session on the weights as they are. */
export const saveWeightsForSamplerRequestSchema = z.object({
  model_id: z.string(),
  path: z.string().nullish(),
  sampling_session_seq_id: seqId.nullish(),
  /** `snapshot` by default. */
  kind: z.string().nullish(),
  seq_id: seqId.nullish(),
  ttl_seconds: z.number().int().nullish(),
  user_metadata: userMetadataSchema,
  type: z.literal("save_weights_for_sampler").default("save_weights_for_sampler"),
});
export type SaveWeightsForSamplerRequest = z.infer<typeof saveWeightsForSamplerRequestSchema>;

/** Result of `POST /save_weights_for_sampler`. */
export const saveWeightsForSamplerResponseSchema = z.object({
  type: z.literal("save_weights_for_sampler").nullish(),
  path: z.string().nullish(),
  sampling_session_id: z.string().nullish(),
});
export type SaveWeightsForSamplerResponse = z.infer<typeof saveWeightsForSamplerResponseSchema>;

/** `POST /load_weights`: into a model (`model_id`, `seq_id`), or as a new one (`session_id`, `model_seq_id`). */
export const loadWeightsRequestSchema = z.object({
  model_id: z.string().nullish(),
  seq_id: seqId.nullish(),
  session_id: z.string().nullish(),
  model_seq_id: seqId.nullish(),
  base_model: z.string().nullish(),
  user_metadata: userMetadataSchema,
  path: z.string(),
  optimizer: z.boolean(),
  optimizer_config: optimizerConfigSchema.nullish(),
  weights_access_token: z.string().nullish(),
  type: z.literal("load_weights").default("load_weights"),
});
export type LoadWeightsRequest = z.infer<typeof loadWeightsRequestSchema>;

/** Result of `POST /load_weights`. */
export const loadWeightsResponseSchema = z.object({
  type: z.literal("load_weights").nullish(),
  path: z.string().nullish(),
  model_id: z.string().nullish(),
});
export type LoadWeightsResponse = z.infer<typeof loadWeightsResponseSchema>;

/** `POST /weights_info`. */
export const weightsInfoRequestSchema = z.object({ tinker_path: z.string() });
export type WeightsInfoRequest = z.infer<typeof weightsInfoRequestSchema>;

/** Result of `POST /weights_info`. */
export const weightsInfoResponseSchema = z.object({
  base_model: z.string(),
  is_lora: z.boolean(),
  lora_rank: z.number().int().nullish(),
  train_unembed: z.boolean().nullish(),
  train_mlp: z.boolean().nullish(),
  train_attn: z.boolean().nullish(),
});
export type WeightsInfoResponse = z.infer<typeof weightsInfoResponseSchema>;
