import { z } from "zod";

/** `POST /client/config` and `POST /client/dynamic_config`. */
export const clientConfigRequestSchema = z.object({ sdk_version: z.string().nullish() });
export type ClientConfigRequest = z.infer<typeof clientConfigRequestSchema>;

const flag = z.boolean().nullish();
const size = z.number().int().positive().nullish();

/** Every field may be missing: then the client's default holds. */
export const clientConfigResponseSchema = z.object({
  /** The key is to be exchanged for a short-lived token, `POST /auth/token`. */
  pjwt_auth_enabled: flag,
  credential_default_source: z.string().nullish(),
  sample_dispatch_bytes_semaphore_size: size,
  inflight_response_bytes_semaphore_size: size,
  /** The chunks of one call may arrive in any order. */
  parallel_fwdbwd_chunks: flag,
  /** Bodies of `forward_backward` may be zstd. */
  proto_compress_fwdbwd: flag,
  fwdbwd_max_chunk_len: size,
  fwdbwd_max_chunk_bytes_count: size,
  fwdbwd_dispatch_bytes_semaphore_size: size,
  billing_exception_max_pause_duration_sec: z.number().nonnegative().nullish(),
  sample_no_retries: flag,
  sample_enable_stuck_detection: flag,
  sample_max_concurrent_requests: size,
  use_pyqwest_transport: flag,
  create_model_via_load_weights: flag,
  sample_use_retrieve_futures: flag,
  sample_join_sampling_session: flag,
  /** Read by SDK 0.19 to 0.24.1 only. */
  proto_write_fwdbwd: flag,
  fwd_via_fwdbwd: flag,
});
export type ClientConfigResponse = z.infer<typeof clientConfigResponseSchema>;

/** Result of `POST /client/dynamic_config`. */
export const clientDynamicConfigResponseSchema = z.object({
  refresh_interval_sec: z.number().nullish(),
  sample_cancel_enabled: flag,
  sample_cancel_max_batch_size: size,
});
export type ClientDynamicConfigResponse = z.infer<typeof clientDynamicConfigResponseSchema>;

/** `POST /auth/token`. */
export const authTokenResponseSchema = z.object({ jwt: z.string().min(1) });
export type AuthTokenResponse = z.infer<typeof authTokenResponseSchema>;

/** `GET /healthz`. */
export const healthResponseSchema = z.object({ status: z.literal("ok") });

/** `GET /get_server_capabilities`. */
export const serverCapabilitiesResponseSchema = z.object({
  supported_models: z.array(
    z.object({ model_name: z.string().nullish(), max_context_length: z.number().int().nullish() }),
  ),
});
export type ServerCapabilitiesResponse = z.infer<typeof serverCapabilitiesResponseSchema>;

/** `POST /create_session`. */
export const createSessionRequestSchema = z.object({
  tags: z.array(z.string()).default([]),
  user_metadata: z.record(z.string(), z.unknown()).nullish(),
  sdk_version: z.string().nullish(),
  project_id: z.string().nullish(),
  type: z.literal("create_session").default("create_session"),
});
export type CreateSessionRequest = z.infer<typeof createSessionRequestSchema>;

/** Result of `POST /create_session`. */
export const createSessionResponseSchema = z.object({
  type: z.literal("create_session").nullish(),
  session_id: z.string().min(1),
  info_message: z.string().nullish(),
  warning_message: z.string().nullish(),
  error_message: z.string().nullish(),
});
export type CreateSessionResponse = z.infer<typeof createSessionResponseSchema>;

/** `POST /session_heartbeat`. */
export const sessionHeartbeatRequestSchema = z.object({
  session_id: z.string(),
  type: z.literal("session_heartbeat").default("session_heartbeat"),
});
export type SessionHeartbeatRequest = z.infer<typeof sessionHeartbeatRequestSchema>;

/** `POST /sessions/{id}/finish`. */
export const finishSessionRequestSchema = z.object({
  reason: z.object({ type: z.enum(["success", "errored", "interrupted"]) }),
  detail: z.string().nullish(),
});
export type FinishSessionRequest = z.infer<typeof finishSessionRequestSchema>;

/** `POST /telemetry`: only that it is an object; nothing in it is used. */
export const telemetryRequestSchema = z.object({ events: z.array(z.unknown()).default([]) });
/** Result of `POST /telemetry`. */
export const telemetryResponseSchema = z.object({ status: z.literal("accepted") });

/** `POST /create_sampling_session`. */
export const createSamplingSessionRequestSchema = z.object({
  session_id: z.string(),
  sampling_session_seq_id: z.number().int().nonnegative(),
  base_model: z.string().nullish(),
  model_path: z.string().nullish(),
  type: z.literal("create_sampling_session").default("create_sampling_session"),
});
export type CreateSamplingSessionRequest = z.infer<typeof createSamplingSessionRequestSchema>;

/** Result of `POST /create_sampling_session`. */
export const createSamplingSessionResponseSchema = z.object({
  type: z.literal("create_sampling_session").nullish(),
  sampling_session_id: z.string().min(1),
});
export type CreateSamplingSessionResponse = z.infer<typeof createSamplingSessionResponseSchema>;

/** `GET /samplers/{id}`. */
export const samplerResponseSchema = z.object({
  sampler_id: z.string(),
  base_model: z.string(),
  model_path: z.string().nullish(),
});
export type SamplerResponse = z.infer<typeof samplerResponseSchema>;
